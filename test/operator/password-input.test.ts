// The password that salonctl sets: from a file or a pipe byte for byte but for what editors and Windows put around a
// line, and at a terminal without echo, with the keys that edit a line, and twice.
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

async function* chunked(...chunks: readonly (string | Uint8Array)[]): AsyncIterable<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

t.test('the first line is what comes before an LF, without a byte order mark and a CR around it', async (t) => {
  const lines: readonly (readonly [why: string, chunks: readonly (string | Uint8Array)[], line: string])[] = [
    ['a line', ['rabbit-hole\n'], 'rabbit-hole'],
    ['no end', ['rabbit-hole'], 'rabbit-hole'],
    ['CR LF', ['rabbit-hole\r\nlooking-glass\r\n'], 'rabbit-hole'],
    ['a CR and no LF', ['rabbit-hole\r'], 'rabbit-hole'],
    ['one CR of two', ['rabbit\rhole\r\r\n'], 'rabbit\rhole\r'],
    ['a byte order mark', ['\ufeffrabbit-hole\n'], 'rabbit-hole'],
    ['one mark of two', ['\ufeff\ufeffrabbit-hole\n'], '\ufeffrabbit-hole'],
    ['no mark elsewhere', ['rabbit\ufeffhole\n'], 'rabbit\ufeffhole'],
    [
      'what some readers take for a line end',
      ['rabbit\u2028hole\u2029\u0085\v\f.\n'],
      'rabbit\u2028hole\u2029\u0085\v\f.',
    ],
    ['blanks and quotes', [' "rabbit"\t \n'], ' "rabbit"\t '],
    [
      'characters that packets cut',
      [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1), 'lo', '\n', 'x'],
      'élo',
    ],
    ['an empty line', ['\nrabbit-hole\n'], ''],
    ['a mark that packets cut', [Buffer.from([0xef]), Buffer.from([0xbb, 0xbf, 0x61]), '\r', '\n'], 'a'],
  ];
  for (const [why, chunks, line] of lines) t.equal((await firstLine(chunked(...chunks))).toString(), line, why);
  await t.rejects(firstLine(chunked()), /nothing came/);
});

t.test('a line without an end is not read to its end', async (t) => {
  let asked = 0;
  const endless = async function* (): AsyncIterable<Uint8Array> {
    for (;;) {
      asked += 1;
      yield Buffer.alloc(1024, 'x');
    }
  };
  const line = await firstLine(endless());
  t.ok(asked < 5, `${asked} chunks`);
  t.throws(() => passwordOf(line), /too long: it may have 1,024 bytes/);
});

t.test('input that is no password is reported without showing any of it', async (t) => {
  const told = (bytes: string | Uint8Array): string => {
    try {
      return `taken: ${passwordOf(Buffer.from(bytes))}`;
    } catch (error) {
      return (error as Error).message;
    }
  };
  t.equal(told('rabbit-hole'), 'taken: rabbit-hole');
  t.equal(told('é'.repeat(4)), 'taken: éééé', 'bytes count');
  t.match(told(''), 'is empty');
  t.match(told('hunter2'), 'the password is too short: it has 7 bytes, and needs 8 at least');
  t.match(told('é'.repeat(513)), 'too long');
  t.match(told(Buffer.from('rabbit-hol\u00e9', 'latin1')), 'not UTF-8');
  t.match(told(Buffer.from('\ufeffrabbit-hole', 'utf16le')), 'not UTF-8');
  for (const wrong of ['hunter2', Buffer.from('hunter2-\u00e9', 'latin1')]) t.notMatch(told(wrong), /hunter/);
});

/** What is in the line once the bytes were typed, and how it ended. */
function typed(text: string | Uint8Array): readonly [line: string, end: string | undefined] {
  const line = new HiddenLine();
  for (const byte of Buffer.from(text)) {
    const end = line.push(byte);
    if (end !== undefined) return [Buffer.from(line.bytes).toString(), end];
  }
  return [Buffer.from(line.bytes).toString(), undefined];
}

t.test('at a terminal the keys that edit a line do so', async (t) => {
  t.same(typed('rabbit\r'), ['rabbit', 'line']);
  t.same(typed('rabbit\nhole'), ['rabbit', 'line']);
  t.same(typed('hunter2\u0015rabbit\r'), ['rabbit', 'line'], 'Ctrl-U');
  t.same(typed('\u0015\u007f\u0008\u0017rabbit\r'), ['rabbit', 'line'], 'where there is nothing to erase');
  t.same(typed('rabbié\u007ft\u0008t\r'), ['rabbit', 'line'], 'Backspace erases a character');
  t.same(typed('a🐇\u007f東\u007f\r'), ['a', 'line'], 'of any length');
  t.same(typed('down the  \u0017hole\r'), ['down hole', 'line'], 'Ctrl-W erases a word');
  t.same(typed('\u0004'), ['', 'ended'], 'Ctrl-D');
  t.same(typed('rab\u0004bit\r'), ['rabbit', 'line'], 'Ctrl-D within a line');
  t.same(typed('rabbit\u0003'), ['rabbit', 'interrupted'], 'Ctrl-C');
  t.same(typed('rab\u001b[A\u001b[1;5Dbi\u001bOPt\u001b[3~\r'), ['rabbit', 'line'], 'arrows and others write nothing');
  t.same(typed('rab\u001bbit\r'), ['rabbit', 'line'], 'nor does Escape');
  t.same(typed('rab\u001b\u0003'), ['rab', 'interrupted']);
  t.same(typed('rab\u001b[\u0003'), ['rab', 'interrupted']);
  t.same(typed('rab\tbit'), ['rab', 'control'], 'what would be in it and is not seen is refused');
});

interface Ended {
  readonly status: number | null;
  readonly out: string;
}

/**
 * Runs salonctl as `sh -c` would with that command line, at a terminal of its own, and types each answer when its
 * question is there. What the terminal showed, and the status.
 */
async function atTerminal(
  t: Test,
  socket: string,
  args: string,
  answers: readonly (readonly [question: string, typed: string | ((out: string) => string)])[],
  after = ':',
): Promise<Ended> {
  const command = `echo pid $$; exec '${process.execPath}' '${join(root, 'bin/salonctl')}' --socket '${socket}' ${args}`;
  const line = `sh -c "$SALONCTL"; status=$?; ${after}; exit $status`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    stdio: 'pipe',
    env: { ...process.env, SALONCTL: command },
  });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  let [asked, from] = [0, 0];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    const [question, answer] = answers[asked] ?? [];
    if (question === undefined || answer === undefined || !out.slice(from).includes(question)) return;
    from = out.length;
    asked += 1;
    child.stdin.write(typeof answer === 'string' ? answer : answer(out));
  });
  child.stdin.on('error', () => undefined);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out };
}

const needs = { skip: noPrograms('script') };
const ask = ['Password: ', 'The same password again: '] as const;

async function comes(port: number, username: string, password: string): Promise<number> {
  const client = await Client.connect(port);
  const { code } = await client.request({ command: 'authenticate_user', username, password });
  client.destroy();
  return code;
}

t.test('a password is typed twice, unseen, and is the one that was left in the line', needs, async (t) => {
  const daemon = hostDaemon(t);
  const [port, socket] = [await daemon.port(), await daemon.control()];
  const made = await atTerminal(t, socket, 'users create alice Alice Liddell', [
    [ask[0], 'hunter2-hunter2\u0015rabbit-holé\r'],
    [ask[1], 'rabbit-holé\r'],
  ]);
  t.equal(made.status, 0, made.out);
  t.notMatch(made.out, /hunter2|rabbit/, 'nothing of it is shown');
  t.equal(await comes(port, 'alice', 'rabbit-holé'), 1);

  const differ = await atTerminal(t, socket, 'users set-password alice', [
    [ask[0], 'looking-glass\r'],
    [ask[1], 'looking-gloss\r'],
  ]);
  t.match(differ, { status: 64, out: /the two passwords differ: nothing was changed/ });
  const short = await atTerminal(t, socket, 'users set-password alice', [[ask[0], 'hunter2\r']]);
  t.match(short, { status: 64, out: /too short: it has 7 bytes, and needs 8 at least/ });
  t.notMatch(short.out, /again/, 'said before it is asked for again');
  const ended = await atTerminal(t, socket, 'users set-password alice', [[ask[0], '\u0004']]);
  t.match(ended, { status: 64, out: /no password was given/ });
  t.equal(await comes(port, 'alice', 'rabbit-holé'), 1, 'none of these changed it');

  const pasted = await atTerminal(t, socket, 'users set-password alice', [[ask[0], 'looking-glass\rlooking-glass\r']]);
  t.equal(pasted.status, 0, 'both lines at once');
  t.equal(await comes(port, 'alice', 'looking-glass'), 1);
});

t.test('Ctrl-C at either question ends with status 130 and leaves the terminal as it was', needs, async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  for (const answers of [
    [[ask[0], 'rabbit\u0003']],
    [
      [ask[0], 'rabbit-hole\r'],
      [ask[1], '\u0003'],
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
      [ask[0], 'rabbit-hole\r'],
      [ask[1], 'rabbit-hole\r'],
    ],
    'stty -a',
  );
  t.match(out, /[^-]icanon[^]*[^-]echo /, 'and so does a success');
});

t.test('a signal that ends salonctl leaves the terminal as it was', needs, async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  for (const signal of ['SIGHUP', 'SIGTERM', 'SIGQUIT'] as const) {
    const end = (out: string): string => {
      process.kill(Number(/pid (\d+)/.exec(out)?.[1]), signal);
      return '';
    };
    const { out } = await atTerminal(t, socket, 'users create alice Alice Liddell', [[ask[0], end]], 'stty -a');
    t.match(out, /[^-]icanon[^]*[^-]echo /, signal);
  }
});

async function piped(t: Test, socket: string, args: readonly string[], input: string | Uint8Array): Promise<Ended> {
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

t.test('a password that is piped is the line that was sent', async (t) => {
  const daemon = hostDaemon(t);
  const [port, socket] = [await daemon.port(), await daemon.control()];
  t.equal(
    (await piped(t, socket, ['users', 'create', 'alice', 'Alice', 'Liddell'], '\ufeffrabbit-hole\r\n')).status,
    0,
  );
  t.equal(await comes(port, 'alice', 'rabbit-hole'), 1);
  t.equal((await piped(t, socket, ['users', 'set-password', 'alice'], 'rabbit\u2028hole\nlooking-glass\n')).status, 0);
  t.equal(await comes(port, 'alice', 'rabbit\u2028hole'), 1);
  t.equal(await comes(port, 'alice', 'rabbit'), 4);
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
  t.equal(await comes(port, 'alice', 'rabbit\u2028hole'), 1);
});
