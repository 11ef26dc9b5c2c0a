// Runs the clients that PROTOCOL.md prints, in C, in shell and by netcat, against the daemon.
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { anyCharacter } from '../support/any-text.js';
import { Client, parseLines, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';
import { codeBlocks, onlyBlock } from './code-blocks.js';

const path = 'PROTOCOL.md';

/** The function json_string, up to the first line that is only a closing brace. */
const [jsonString = ''] = /^static void json_string[^]*?^\}$/m.exec(onlyBlock(path, 'c')) ?? [];

t.test('json_string of the client in C writes any text as JSON', { skip: noPrograms('cc') }, async (t) => {
  const folder = temporaryFolder(t);
  const main = 'int main(int argc, char **argv) { if (argc == 2) json_string(stdout, argv[1]); return 0; }';
  writeFileSync(join(folder, 'json.c'), `#include <stdio.h>\n${jsonString}\n${main}\n`);
  t.equal(
    spawnSync('cc', ['-std=c99', '-Wall', '-Wextra', '-Werror', '-o', 'json', 'json.c'], { cwd: folder }).status,
    0,
  );
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      if (/[\0\p{Surrogate}]/u.test(text)) return;
      const { stdout } = spawnSync(join(folder, 'json'), [text], { encoding: 'utf8' });
      t.equal(JSON.parse(stdout), text);
    }),
    { numRuns: 200 },
  );
});

/** A client from PROTOCOL.md, run as a person runs it. */
class Run {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number>;

  constructor(readonly process: ChildProcessWithoutNullStreams) {
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(process, 'close').then(([code]) => code as number);
  }

  /** Fulfils when the client has shown that text; rejects when it ends without. */
  async shows(text: string): Promise<void> {
    const end = this.ended.then(() => {
      throw new Error(`it ended without ${text}: ${this.stdout}${this.stderr}`);
    });
    end.catch(() => undefined);
    while (!this.stdout.includes(text)) await Promise.race([once(this.process.stdout, 'data'), end]);
  }
}

function start(t: Test, command: string, args: readonly string[]): Run {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', SALON_PASSWORD: 'alice password' } });
  t.teardown(() => child.kill('SIGKILL'));
  return new Run(child);
}

/** Bob speaks before and after Alice's client connects. The client shows both, and what is typed there reaches Bob. */
async function converse(t: Test, command: string, args: readonly string[]): Promise<void> {
  const port = await hostDaemon(t).port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  (await (await Client.connect(port)).enter('alice')).end();
  // Many long lines: TCP is sure to cut them, and the longest fill most of a buffer.
  const long = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? '\u007f' : '"\\é').repeat(1000));
  for (const message of [...long, 'the last before you came']) {
    await bob.ok({ command: 'chatroom_message', username: 'bob', room: 'lobby', message });
  }

  const alice = start(t, command, [...args, '127.0.0.1', String(port), 'alice', 'lobby', '1']);
  await alice.shows('the last before you came');
  const {
    body: { id },
  } = await bob.say('bob', 'lobby', 'good "evening", "id":7');
  await alice.shows('good \\"evening\\"');
  const shown = alice.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line['body']);
  t.same(
    shown.map(({ message }) => message),
    [...long.slice(1), 'the last before you came', 'good "evening", "id":7'],
  );

  alice.process.stdin.write('hello, bob\n');
  for (let event = await bob.event(); event.code !== 102; event = await bob.event()) {
    if (event.code !== 100) continue;
    t.match(event.body, { username: 'alice', message: 'hello, bob' });
    alice.process.stdin.end();
  }
  t.equal(await alice.ended, 0);
  t.equal(alice.stderr, `last id ${Number(id) + 1}\n`);
  bob.destroy();
}

/** Flags that make the program fail at the first memory error or leak, if this compiler has them. */
function sanitizers(folder: string): readonly string[] {
  const flags = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  writeFileSync(join(folder, 'none.c'), 'int main(void) { return 0; }\n');
  return spawnSync('cc', [...flags, '-o', 'none', 'none.c'], { cwd: folder }).status === 0 ? flags : [];
}

t.test('the client in C compiles without a warning and talks', { skip: noPrograms('cc') }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'salon.c'), onlyBlock(path, 'c'));
  const flags = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', ...sanitizers(folder), '-o', 'salon', 'salon.c'];
  const compiler = spawnSync('cc', flags, { cwd: folder, encoding: 'utf8' });
  t.same([compiler.status, compiler.stderr], [0, '']);
  await converse(t, join(folder, 'salon'), []);
  await failToLogIn(t, join(folder, 'salon'), []);
  t.equal(
    await start(t, join(folder, 'salon'), ['127.0.0.1', '1', 'alice', 'lobby', '0']).ended,
    1,
    'nobody listens there',
  );
});

t.test('the client in shell talks', { skip: noPrograms('bash') }, async (t) => {
  const script = join(temporaryFolder(t), 'salon.sh');
  writeFileSync(script, onlyBlock(path, 'bash'));
  await converse(t, 'bash', [script]);
  await failToLogIn(t, 'bash', [script]);
});

/** After a wrong password the client shows the notice and the reply, sends nothing that is typed, and fails. */
async function failToLogIn(t: Test, command: string, args: readonly string[]): Promise<void> {
  const port = await hostDaemon(t, { env: { SALOND_GREETING: 'Welcome.' } }).port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  await bob.ok({
    command: 'create_user',
    username: 'alice',
    first_name: 'A',
    last_name: 'B',
    password: 'another password',
  });
  const alice = start(t, command, [...args, '127.0.0.1', String(port), 'alice', 'lobby', '0']);
  alice.process.stdin.write('hello, bob\n');
  t.equal(await alice.ended, 1);
  t.match(alice.stderr, /^190\s\{"text":"Welcome."\}\n4\s\{"command":"authenticate_user"/);
  t.same(
    bob.lines.filter(({ code }) => code === 100),
    [],
  );
  bob.destroy();
}

/** OpenBSD's netcat, whose -N the document uses. */
const hasNetcat = /\[-\w*N/.test(spawnSync('nc', ['-h'], { encoding: 'utf8' }).stderr);

t.test(
  'the lines for netcat work as they are printed',
  { skip: !hasNetcat && 'apt-get install netcat-openbsd' },
  async (t) => {
    const port = await startDaemon(t).port();
    const alice = await Client.connect(port);
    await alice.ok('create_user alice Alice Liddell down the rabbit hole');
    alice.end();
    for (const text of codeBlocks(path, 'sh')) {
      const options = { input: 'quit\n', encoding: 'utf8', timeout: 60_000 } as const;
      const { status, stdout } = spawnSync('sh', ['-c', text.replace('7256', String(port))], options);
      t.equal(status, 0, text);
      const replies = parseLines(stdout);
      t.ok(replies.length >= 2 && replies.every(({ code }) => code === 1), stdout);
    }
  },
);
