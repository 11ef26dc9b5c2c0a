// An example that runs for a test: what it prints, and how it ends.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { Teardown } from '../support/daemon.js';

/** A program that runs. */
export class Program {
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';
  #runs = true;
  #waiting: (() => void)[] = [];

  constructor(t: Teardown, path: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.process = spawn(path, args, { env });
    // Written to after it was killed.
    this.process.stdin.on('error', () => undefined);
    this.process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.#wake();
    });
    this.process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.#wake();
    });
    this.ended = once(this.process, 'close').then(([code]) => {
      this.#runs = false;
      this.#wake();
      return code as number | null;
    });
    t.teardown(async () => {
      this.process.kill('SIGKILL');
      await this.ended;
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits until it holds. Rejects where the program ends before. */
  async until(holds: (program: this) => boolean): Promise<void> {
    while (!holds(this)) {
      if (!this.#runs) throw new Error(`it has ended: ${this.stdout}${this.stderr}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Kills it, as a lost power would, and waits for its end. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.ended;
  }
}
