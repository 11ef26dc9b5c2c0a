// Holds the conversation of the README with common client programs, such as netcat, against the real daemon. Each
// program closes its side if it can, and prints every reply (PROTOCOL.md §1.4). A program that is not installed is
// skipped.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import t, { type Test } from 'tap';
import { parseLine, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

interface Program {
  readonly name: string;
  /** The name of its users, where it differs from the program's. */
  readonly user?: string;
  readonly args: (port: number, path: string) => readonly string[];
  /** Whether the program closes its side when its input ends, and reads on. */
  readonly halfCloses: boolean;
}

const netcatBsd: Program = {
  name: 'nc.openbsd',
  halfCloses: true,
  args: (port) => ['-N', '127.0.0.1', `${port}`],
};
const netcatTraditional: Program = {
  name: 'nc.traditional',
  halfCloses: false,
  args: (port) => ['-q', '30', '127.0.0.1', `${port}`],
};
const ncat: Program = { name: 'ncat', halfCloses: true, args: (port) => ['127.0.0.1', `${port}`] };
const socat: Program = {
  name: 'socat',
  halfCloses: true,
  args: (port) => ['-t', '30', '-', `TCP:127.0.0.1:${port}`],
};

const overUnixSocket: readonly Program[] = [
  { name: 'nc.openbsd', user: 'nc.openbsd-U', halfCloses: true, args: (_, path) => ['-N', '-U', path] },
  { name: 'ncat', user: 'ncat-U', halfCloses: true, args: (_, path) => ['-U', path] },
  { name: 'socat', user: 'socat-U', halfCloses: true, args: (_, path) => ['-t', '30', '-', `UNIX-CONNECT:${path}`] },
];

const path = join(temporaryFolder(t), 'chat.sock');
const daemon = startDaemon(t, { args: ['--listen', path] });
const port = await daemon.port();

/** A running client program. */
class RunningProgram {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: AsyncIterator<string, undefined>;
  readonly ended: Promise<number | null>;
  errorText = '';

  constructor(t: Test, { name, args }: Program) {
    this.#child = spawn(name, args(port, path), { stdio: ['pipe', 'pipe', 'pipe'] });
    // After `quit` the program may have ended before its input is closed.
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errorText += text;
    });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.ended = once(this.#child, 'close').then(([code]) => code as number | null);
    t.teardown(() => this.#child.kill('SIGKILL'));
  }

  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Types the text, and ends the program's input. */
  end(text = ''): void {
    this.#child.stdin.end(text);
  }

  async next(): Promise<Line> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`the program ended without another line: ${this.errorText}`);
    return parseLine(value);
  }

  async rest(): Promise<Line[]> {
    const lines: Line[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) return lines;
      lines.push(parseLine(value));
    }
  }
}

/**
 * The conversation of the README, in a room of the user's own: each line that is typed, and the reply that is printed.
 */
function conversationOf(username: string): readonly (readonly [typed: string, printed: string])[] {
  const room = `room-of-${username}`;
  return [
    [`create_user ${username} Alice Liddell rabbit-hole`, `1\t{"command":"create_user","username":"${username}"}`],
    [`authenticate_user ${username} rabbit-hole`, `1\t{"command":"authenticate_user","username":"${username}"}`],
    [
      `join_chatroom ${username} ${room}`,
      `1\t{"command":"join_chatroom","room":"${room}","count":1,"topic":"","last":0,"users":["${username}"]}`,
    ],
    [
      `chatroom_message ${username} ${room} hello, world`,
      `1\t{"command":"chatroom_message","room":"${room}","id":1,"prev":0}`,
    ],
  ];
}

for (const program of [netcatBsd, netcatTraditional, ncat, socat, ...overUnixSocket]) {
  const skip = noPrograms(program.name);
  const { name, user = name } = program;

  t.test(`${user} prints a reply to each line of a conversation that is sent at once`, { skip }, async (t) => {
    const running = new RunningProgram(t, program);
    const conversation = conversationOf(`ahead-by-${user}`);
    // A program that closes its side may send a last line without a line end.
    running.end(
      `${conversation.map(([typed]) => typed).join('\n')}\n${program.halfCloses ? 'ping the end' : 'quit\n'}`,
    );
    const last = program.halfCloses ? '1\t{"command":"ping","data":"the end"}' : '1\t{"command":"quit"}';
    t.same(
      (await running.rest()).map(({ raw }) => raw),
      [...conversation.map(([, printed]) => printed), last],
    );
    t.equal(await running.ended, 0);
    t.equal(running.errorText, '');
  });

  t.test(`${user} prints each reply as soon as a line is typed`, { skip }, async (t) => {
    const running = new RunningProgram(t, program);
    for (const [index, [typed, printed]] of conversationOf(`typed-in-${user}`).entries()) {
      // Every second line ends as on Windows.
      running.type(`${typed}${index % 2 === 0 ? '\n' : '\r\n'}`);
      t.equal((await running.next()).raw, printed);
    }
    running.type('quit\n');
    t.equal((await running.next()).raw, '1\t{"command":"quit"}');
    running.end();
    t.equal(await running.ended, 0);
  });
}

for (const [first, second] of [
  [netcatBsd, ncat],
  [netcatTraditional, socat],
  ...overUnixSocket.slice(1).map((program) => [netcatBsd, program] as const),
] as const) {
  t.test(
    `${first.name} and ${second.user ?? second.name} talk to each other in one room`,
    { skip: noPrograms(first.name, second.name) },
    async (t) => {
      const { user = second.name } = second;
      const username = `friend-of-${user}`;
      const room = `room-of-${username}`;
      const alice = new RunningProgram(t, first);
      for (const [typed] of conversationOf(username)) {
        alice.type(`${typed}\n`);
        t.equal((await alice.next()).code, 1);
      }
      const bob = new RunningProgram(t, second);
      bob.type('create_user bob Bob Carpenter walrus-and-oysters\n');
      t.match((await bob.next()).body, { command: 'create_user' });
      bob.type('authenticate_user bob walrus-and-oysters\n');
      bob.type(`{"command":"join_chatroom","username":"bob","room":"${room}","after":0}\n`);
      t.equal((await bob.next()).code, 1);
      t.match(await bob.next(), { code: 110, body: { id: 1, prev: 0, username, message: 'hello, world' } });
      t.match(await bob.next(), { code: 1, body: { count: 2, last: 1, users: [username, 'bob'] } });
      t.match(await alice.next(), { code: 101, body: { username: 'bob' } });

      bob.type(`chatroom_message bob ${room} bonsoir à tous\n`);
      t.match(await bob.next(), { code: 1, body: { id: 2, prev: 1 } });
      t.match(await alice.next(), { code: 100, body: { id: 2, prev: 1, username: 'bob', message: 'bonsoir à tous' } });
      alice.type(`chatroom_message ${username} ${room} "quoted", {braced} and # so on\n`);
      t.match(await alice.next(), { code: 1, body: { id: 3 } });
      t.match(await bob.next(), { code: 100, body: { id: 3, prev: 2, message: '"quoted", {braced} and # so on' } });

      bob.end('quit\n');
      t.match(await bob.rest(), [{ code: 1, body: { command: 'quit' } }]);
      t.equal(await bob.ended, 0);
      t.match(await alice.next(), { code: 102, body: { username: 'bob' } });
      alice.end('quit\n');
      t.match(await alice.rest(), [{ code: 1, body: { command: 'quit' } }]);
      t.equal(await alice.ended, 0);
    },
  );
}
