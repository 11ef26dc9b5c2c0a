// Tests how salonctl reads a password: from a file or a pipe byte for byte, without the byte order mark and the CR that
// editors and Windows add, and at a terminal twice, without echo and with the keys that edit a line.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HiddenLine } from '../../src/salonctl/hidden-line.js';
import { firstLine, passwordOf } from '../../src/salonctl/password.js';
import { Client } from '../support/client.js';
import { noPrograms } from '../support/programs.js';
import { root } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

/** A stream of these chunks. */
async function* chunked(...chunks: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

t.test('the first line is the text before an LF, without a byte order mark and a CR', async (t) => {
  const lines: readonly (readonly [why: string, chunks: readonly (string | Uint8Array)[], line: string])[] = [
    ['a line', ['rabbit-hole\n'], 'rabbit-hole'],
    ['no end', ['rabbit-hole'], 'rabbit-hole'],
    ['CR LF', ['rabbit-hole\r\nlooking-glass\r\n'], 'rabbit-hole'],
    ['a CR and no LF', ['rabbit-hole\r'], 'rabbit-hole'],
    ['one CR of two', ['rabbit\rhole\r\r\n'], 'rabbit\rhole\r'],
    ['a byte order mark', ['\ufeffrabbit-hole\n'], 'rabbit-hole'],
    ['one byte order mark of two', ['\ufeff\ufeffrabbit-hole\n'], '\ufeffrabbit-hole'],
    ['a byte order mark elsewhere stays', ['rabbit\ufeffhole\n'], 'rabbit\ufeffhole'],
    [
      'characters that some programs take for a line end',
      ['rabbit\u2028hole\u2029\u0085\v\f.\n'],
      'rabbit\u2028hole\u2029\u0085\v\f.',
    ],
    ['blanks and quotes', [' "rabbit"\t \n'], ' "rabbit"\t '],
    [
      'a character that is split between chunks',
      [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1), 'lo', '\n', 'x'],
      'élo',
    ],
    ['an empty line', ['\nrabbit-hole\n'], ''],
    [
      'a byte order mark that is split between chunks',
      [Buffer.from([0xef]), Buffer.from([0xbb, 0xbf, 0x61]), '\r', '\n'],
      'a',
    ],
  ];
  for (const [why, chunks, line] of lines) t.equal((await firstLine(chunked(...chunks))).toString(), line, why);
  await t.rejects(firstLine(chunked()), /nothing came/);
});

t.test('a line without an end is not read to its end', async (t) => {
  let chunks = 0;
  const endless = async function* (): AsyncIterable<Uint8Array> {
    for (;;) {
      chunks += 1;
      yield Buffer.alloc(1024, 'x');
    }
  };
  const line = await firstLine(endless());
  t.ok(chunks < 5, `${chunks} chunks`);
  t.throws(() => passwordOf(line), /too long: it may have 1,024 bytes/);
});

t.test("a room's password is counted in characters", async (t) => {
  const of = (text: string): string => passwordOf(Buffer.from(text), 'room_password');
  t.equal(of('x'), 'x');
  t.equal(of('𝄞'.repeat(64)), '𝄞'.repeat(64));
  t.throws(() => of('é'.repeat(65)), /too long: it may have 64 characters at most/);
  t.throws(() => of(''), /is empty: it needs 1 character at least/);
});

t.test('the error about input that is no password shows none of it', async (t) => {
  const resultOf = (bytes: string | Uint8Array): string => {
    try {
      return `accepted: ${passwordOf(Buffer.from(bytes))}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  t.equal(resultOf('rabbit-hole'), 'accepted: rabbit-hole');
  t.equal(resultOf('é'.repeat(4)), 'accepted: éééé', 'the length counts in bytes');
  t.match(resultOf(''), 'is empty');
  t.match(resultOf('hunter2'), 'the password is too short: it has 7 bytes, and needs 8 at least');
  t.match(resultOf('é'.repeat(513)), 'too long');
  t.match(resultOf(Buffer.from('rabbit-hol\u00e9', 'latin1')), 'not UTF-8');
  t.match(resultOf(Buffer.from('\ufeffrabbit-hole', 'utf16le')), 'not UTF-8');
  for (const wrong of ['hunter2', Buffer.from('hunter2-\u00e9', 'latin1')]) t.notMatch(resultOf(wrong), /hunter/);
});

/** The content of the line after these bytes were typed, and how the line ended. */
function typed(text: string | Uint8Array): readonly [line: string, end: string | undefined] {
  const line = new HiddenLine();
  for (const byte of Buffer.from(text)) {
    const end = line.push(byte);
    if (end !== undefined) return [Buffer.from(line.bytes).toString(), end];
  }
  return [Buffer.from(line.bytes).toString(), undefined];
}

t.test('the usual keys edit the hidden line', async (t) => {
  t.same(typed('rabbit\r'), ['rabbit', 'line']);
  t.same(typed('rabbit\nhole'), ['rabbit', 'line']);
  t.same(typed('hunter2\u0015rabbit\r'), ['rabbit', 'line'], 'Ctrl-U');
  t.same(typed('\u0015\u007f\u0008\u0017rabbit\r'), ['rabbit', 'line'], 'there may be nothing to erase');
  t.same(typed('rabbié\u007ft\u0008t\r'), ['rabbit', 'line'], 'Backspace erases a character');
  t.same(typed('a🐇\u007f東\u007f\r'), ['a', 'line'], 'Backspace erases a character of any length');
  t.same(typed('down the  \u0017hole\r'), ['down hole', 'line'], 'Ctrl-W erases a word');
  t.same(typed('\u0004'), ['', 'ended'], 'Ctrl-D');
  t.same(typed('rab\u0004bit\r'), ['rabbit', 'line'], 'Ctrl-D within a line');
  t.same(typed('rabbit\u0003'), ['rabbit', 'interrupted'], 'Ctrl-C');
  t.same(
    typed('rab\u001b[A\u001b[1;5Dbi\u001bOPt\u001b[3~\r'),
    ['rabbit', 'line'],
    'arrows and other keys insert nothing',
  );
  t.same(typed('rab\u001bbit\r'), ['rabbit', 'line'], 'Escape inserts nothing');
  t.same(typed('rab\u001b\u0003'), ['rab', 'interrupted']);
  t.same(typed('rab\u001b[\u0003'), ['rab', 'interrupted']);
  t.same(typed('rab\tbit'), ['rab', 'control'], 'an invisible character is refused');
});

interface Result {
  readonly status: number | null;
  readonly out: string;
}

/**
 * Runs salonctl with that command line in a new terminal, and types each answer when its question is shown. `after` is
 * a shell command that runs afterwards. Returns the status and everything that the terminal showed.
 */
async function atTerminal(
  t: Test,
  socket: string,
  args: string,
  answers: readonly (readonly [question: string, typed: string | ((out: string) => string)])[],
  after = ':',
): Promise<Result> {
  const command = `echo pid $$; exec '${process.execPath}' '${join(root, 'bin/salonctl')}' --socket '${socket}' ${args}`;
  const line = `sh -c "$SALONCTL"; status=$?; ${after}; exit $status`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, SALONCTL: command },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  let [answered, from] = [0, 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const [question, answer] = answers[answered] ?? [];
    if (question === undefined || answer === undefined || !out.slice(from).includes(question)) return;
    from = out.length;
    answered += 1;
    child.stdin.write(typeof answer === 'string' ? answer : answer(out));
  });
  child.stdin.on('error', () => undefined);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out };
}

const needs = { skip: noPrograms('script') };
const questions = ['Password: ', 'The same password again: '] as const;

/** The code of the reply to a login. */
async function loginCode(port: number, username: string, password: string): Promise<number> {
  const client = await Client.connect(port);
  const { code } = await client.request({ command: 'authenticate_user', username, password });
  client.destroy();
  return code;
}

t.test('a typed password is asked for twice, not shown, and is the content of the edited line', needs, async (t) => {
  const daemon = hostDaemon(t);
  const [port, socket] = [await daemon.port(), await daemon.control()];
  const created = await atTerminal(t, socket, 'users create alice Alice Liddell', [
    [questions[0], 'hunter2-hunter2\u0015rabbit-holé\r'],
    [questions[1], 'rabbit-holé\r'],
  ]);
  t.equal(created.status, 0, created.out);
  t.notMatch(created.out, /hunter2|rabbit/, 'no part of the password is shown');
  t.equal(await loginCode(port, 'alice', 'rabbit-holé'), 1);

  const differ = await atTerminal(t, socket, 'users set-password alice', [
    [questions[0], 'looking-glass\r'],
    [questions[1], 'looking-gloss\r'],
  ]);
  t.match(differ, { status: 64, out: /the two passwords differ: nothing was changed/ });
  const short = await atTerminal(t, socket, 'users set-password alice', [[questions[0], 'hunter2\r']]);
  t.match(short, { status: 64, out: /too short: it has 7 bytes, and needs 8 at least/ });
  t.notMatch(short.out, /again/, 'the error comes before the second question');
  const ended = await atTerminal(t, socket, 'users set-password alice', [[questions[0], '\u0004']]);
  t.match(ended, { status: 64, out: /no password was given/ });
  t.equal(await loginCode(port, 'alice', 'rabbit-holé'), 1, 'none of these changed the password');

  const pasted = await atTerminal(t, socket, 'users set-password alice', [
    [questions[0], 'looking-glass\rlooking-glass\r'],
  ]);
  t.equal(pasted.status, 0, 'both lines may come at once');
  t.equal(await loginCode(port, 'alice', 'looking-glass'), 1);
});

t.test('Ctrl-C at either question ends with status 130 and restores the terminal', needs, async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  for (const answers of [
    [[questions[0], 'rabbit\u0003']],
    [
      [questions[0], 'rabbit-hole\r'],
      [questions[1], '\u0003'],
    ],
  ] as const) {
    const { status, out } = await atTerminal(t, socket, 'users create alice Alice Liddell', answers, 'stty -a');
    t.equal(status, 130, out);
    t.match(out, /[^-]icanon/);
    t.match(out, /[^-]echo /);
    t.match(out, /[^-]isig/);
  }
  const { out } = await atTerminal(
    t,
    socket,
    'users create alice Alice Liddell',
    [
      [questions[0], 'rabbit-hole\r'],
      [questions[1], 'rabbit-hole\r'],
    ],
    'stty -a',
  );
  t.match(out, /[^-]icanon[^]*[^-]echo /, 'a success restores the terminal too');
});

t.test('a signal that ends salonctl restores the terminal', needs, async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGQUIT'] as const) {
    const end = (out: string): string => {
      process.kill(Number(/pid (\d+)/.exec(out)?.[1]), signal);
      return '';
    };
    const { out } = await atTerminal(t, socket, 'users create alice Alice Liddell', [[questions[0], end]], 'stty -a');
    t.match(out, /[^-]icanon[^]*[^-]echo /, signal);
  }
});

/** Runs salonctl with that standard input. */
async function piped(t: Test, socket: string, args: readonly string[], input: string | Uint8Array): Promise<Result> {
  const child = spawn(process.execPath, [join(root, 'bin/salonctl'), '--socket', socket, ...args], { stdio: 'pipe' });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out };
}

t.test('a piped password is the first line of the input', async (t) => {
  const daemon = hostDaemon(t);
  const [port, socket] = [await daemon.port(), await daemon.control()];
  t.equal(
    (await piped(t, socket, ['users', 'create', 'alice', 'Alice', 'Liddell'], '\ufeffrabbit-hole\r\n')).status,
    0,
  );
  t.equal(await loginCode(port, 'alice', 'rabbit-hole'), 1);
  t.equal((await piped(t, socket, ['users', 'set-password', 'alice'], 'rabbit\u2028hole\nlooking-glass\n')).status, 0);
  t.equal(await loginCode(port, 'alice', 'rabbit\u2028hole'), 1);
  t.equal(await loginCode(port, 'alice', 'rabbit'), 4);
  for (const [input, says] of [
    [Buffer.from('rabbit-hol\u00e9\n', 'latin1'), /not UTF-8/],
    ['hunter2\n', /too short/],
    ['', /has to come on standard input/],
    ['\n', /is empty/],
  ] as const) {
    const { status, out } = await piped(t, socket, ['users', 'set-password', 'alice'], input);
    t.equal(status, 64, out);
    t.match(out, says);
  }
  t.equal(await loginCode(port, 'alice', 'rabbit\u2028hole'), 1);
});
