// A program in a terminal of its own, by script(1): what is typed into it, and what its screen shows.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

/** Milliseconds in which what is waited for has to be on the screen. */
const patience = 20_000;

/** A terminal in which a program runs. */
export class Terminal {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  #text = '';
  #searchFrom = 0;
  #runs = true;

  /** @param command the words of the program, as a shell takes them */
  constructor(command: string, env: Readonly<Record<string, string>> = {}) {
    const path = `${process.env['PATH'] ?? ''}:/usr/games`;
    this.#child = spawn('script', ['-qfec', `stty rows 24 cols 100; exec ${command}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: path, TERM: 'dumb', SHELL: '/bin/sh', LANG: 'C.UTF-8', ...env },
    });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#text += text;
    });
    this.#ended = once(this.#child, 'close').then(() => {
      this.#runs = false;
    });
  }

  /** The screen, with everything that was shown and typed so far. */
  get screen(): string {
    return stripVTControlCharacters(this.#text)
      .replace(/\r+\n/g, '\n')
      .replace(/\n{2,}$/, '\n');
  }

  /** Types keys. A line ends with the return key. */
  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Waits until that is on the screen, below what was waited for before. Rejects if it does not come. */
  async shows(what: string | RegExp): Promise<void> {
    const end = performance.now() + patience;
    for (;;) {
      const below = this.#text.slice(this.#searchFrom);
      const at = typeof what === 'string' ? below.indexOf(what) : below.search(what);
      if (at >= 0) {
        this.#searchFrom += at + (typeof what === 'string' ? what.length : 1);
        return;
      }
      if (!this.#runs || performance.now() > end)
        throw new Error(`${String(what)} is not on the screen:\n${this.screen}`);
      await Promise.race([once(this.#child.stdout, 'data'), this.#ended, sleep(200)]);
    }
  }

  /** Waits until the program has ended. */
  async ends(): Promise<void> {
    await this.#ended;
  }

  /** Ends the program. */
  async close(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
