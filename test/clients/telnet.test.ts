// Runs telnet in a pseudo-terminal: a conversation, and Ctrl-C. After Ctrl-C telnet shows nothing until the server has
// answered its DO TIMING-MARK (PROTOCOL.md §1.5).
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { startDaemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

/** A terminal in which telnet runs. */
class Terminal {
  /** Everything that was shown on the screen, including what was typed. */
  screen = '';
  readonly ended: Promise<unknown>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #searchFrom = 0;
  #open = true;

  constructor(t: Test, port: number) {
    this.#child = spawn('script', ['-qfec', `exec telnet 127.0.0.1 ${port}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], TERM: 'dumb', SHELL: '/bin/sh' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.screen += text;
    });
    this.ended = once(this.#child, 'close').then(() => {
      this.#open = false;
    });
    t.teardown(() => this.#child.kill('SIGKILL'));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Waits until the text is on the screen, below the text of the call before. */
  async shown(text: string): Promise<void> {
    for (;;) {
      const at = this.screen.indexOf(text, this.#searchFrom);
      if (at >= 0) {
        this.#searchFrom = at + text.length;
        return;
      }
      if (!this.#open) throw new Error(`${JSON.stringify(text)} is not on the screen: ${JSON.stringify(this.screen)}`);
      await Promise.race([once(this.#child.stdout, 'data'), this.ended]);
    }
  }
}

async function telnet(t: Test): Promise<Terminal> {
  const terminal = new Terminal(t, await startDaemon(t).port());
  await terminal.shown('Escape character is');
  return terminal;
}

t.test('telnet shows the reply to each line that is typed', { skip: noPrograms('telnet', 'script') }, async (t) => {
  const terminal = await telnet(t);
  for (const [line, reply] of [
    ['create_user alice Alice Liddell rabbit-hole', '1\t{"command":"create_user","username":"alice"}'],
    ['authenticate_user alice rabbit-hole', '1\t{"command":"authenticate_user","username":"alice"}'],
    ['join_chatroom alice lobby', '1\t{"command":"join_chatroom","room":"lobby"'],
    ['chatroom_message alice lobby hello, world', '1\t{"command":"chatroom_message","room":"lobby","id":1,"prev":0}'],
    ['chatroom_message alice lobby ça va ?', '1\t{"command":"chatroom_message","room":"lobby","id":2,"prev":1}'],
    ['chatroom_history lobby', '"message":"ça va ?"'],
    ['quit', '1\t{"command":"quit"}'],
  ] as const) {
    terminal.type(`${line}\n`);
    await terminal.shown(reply);
  }
  await terminal.shown('Connection closed by foreign host');
  await terminal.ended;
  t.pass();
});

t.test(
  'Ctrl-C does not freeze telnet, even if it is repeated, and does not swallow what is typed next',
  { skip: noPrograms('telnet', 'script') },
  async (t) => {
    const terminal = await telnet(t);
    terminal.type('ping before\n');
    await terminal.shown('{"command":"ping","data":"before"}');
    for (let count = 0; count < 3; count += 1) {
      terminal.type('\x03');
      await terminal.shown('^C');
      terminal.type(`ping after ${count}\n`);
      await terminal.shown(`1\t{"command":"ping","data":"after ${count}"}`);
    }
    terminal.type('quit\n');
    await terminal.shown('1\t{"command":"quit"}');
    await terminal.ended;
    t.notMatch(terminal.screen, '\ufffd', 'no telnet sequence is on the screen');
  },
);
