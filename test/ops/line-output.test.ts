// Tests a log's output whose other end does not read: the writer does not wait, lines stay in order, and lost lines are
// counted.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import { createServer, connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { LineOutput } from '../../src/ops/line-output.js';
import { createLog, standardOutput } from '../../src/ops/log.js';
import { Client } from '../support/client.js';
import { cheapPasswords, launcher, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/** Creates a named pipe with both ends open. The writing end blocks, as a shell's does. */
function pipe(t: Test): { readonly path: string; readonly reader: number; readonly writer: number } {
  const path = join(temporaryFolder(t), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  return { path, reader, writer: openSync(path, O_WRONLY) };
}

/** Reads everything that can be read without waiting. */
function drained(fd: number): string {
  const bytes = Buffer.alloc(65_536);
  let text = '';
  try {
    for (let count = readSync(fd, bytes); count > 0; count = readSync(fd, bytes))
      text += bytes.toString('utf8', 0, count);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
  }
  return text;
}

/** Reads until `isAll` returns true for the text: a text that never comes is noticed by the file's time limit. */
async function readUntil(fd: number, isAll: (text: string) => boolean): Promise<string> {
  let text = '';
  while (!isAll(text)) {
    text += drained(fd);
    await sleep(10);
  }
  return text;
}

const line = (number: number): string => `${number} ${'x'.repeat(190)}\n`;

t.test(
  'writing does not wait for a full pipe: the queued lines come in order, and then the number of lost lines',
  async (t) => {
    const { reader, writer } = pipe(t);
    const output = new LineOutput(writer);
    output.onDropped = (lines) => output.write(`${lines} lost\n`);
    const count = 10_000;
    // Nobody reads before this ends.
    for (let number = 0; number < count; number += 1) output.write(line(number));
    const lines = (await readUntil(reader, (text) => text.endsWith(' lost\n'))).trimEnd().split('\n');
    const last = lines.pop();
    const kept = lines.length;
    t.same(
      lines,
      Array.from({ length: kept }, (_, number) => line(number).trimEnd()),
      'the first lines, complete',
    );
    t.ok(kept > 5000 && kept < 6500, `${kept} lines: a mebibyte more than the pipe holds`);
    t.equal(last, `${count - kept} lost`);
    output.write('after\n');
    t.equal(drained(reader), 'after\n');
    for (const fd of [reader, writer]) closeSync(fd);
  },
);

t.test('writing does not wait after the reader is gone, and the next reader goes on where it stopped', async (t) => {
  const { path, reader, writer } = pipe(t);
  const output = new LineOutput(writer);
  // Longer than the pipe, so only the beginning can be written.
  const long = `${'y'.repeat(200_000)}\n`;
  output.write(long);
  const begin = drained(reader);
  t.ok(begin.length > 0 && begin.length < 200_000);
  output.write('before\n');
  closeSync(reader);
  for (let number = 0; number < 100; number += 1) output.write(line(number));
  const finish = (of: LineOutput): number => {
    const started = performance.now();
    of.finish();
    return performance.now() - started;
  };
  const standing = pipe(t);
  const full = new LineOutput(standing.writer);
  full.write(long);
  const waited = finish(full);
  for (const fd of [standing.reader, standing.writer]) closeSync(fd);
  const times = Array.from({ length: 5 }, () => finish(output));
  t.ok(Math.min(...times) < waited, 'without a reader, finish does not wait for its limit');
  const again = openSync(path, O_RDONLY | O_NONBLOCK);
  output.write('last\n');
  const text = begin + (await readUntil(again, (all) => all.endsWith('last\n')));
  const expected = `${long}before\n${Array.from({ length: 100 }, (_, number) => line(number)).join('')}last\n`;
  t.ok(text === expected, `${text.length} of ${expected.length} characters`);
  for (const fd of [again, writer]) closeSync(fd);
});

t.test('the pipe stays blocking for other processes that share it', async (t) => {
  const { reader, writer } = pipe(t);
  new LineOutput(writer).write('a line\n');
  const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${writer}`, 'utf8'))?.[1];
  t.equal(parseInt(flags ?? '', 8) & O_NONBLOCK, 0);
  t.equal(drained(reader), 'a line\n');
  for (const fd of [reader, writer]) closeSync(fd);
});

t.test('writing does not wait for a socket either, such as the journal provides', async (t) => {
  const path = join(temporaryFolder(t), 'socket');
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.pause()));
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
  t.teardown(() => server.close());
  const script = join(temporaryFolder(t), 'write.mjs');
  writeFileSync(
    script,
    `
    import { LineOutput } from '${new URL('../../src/ops/line-output.js', import.meta.url).href}';
    const output = new LineOutput(1);
    output.onDropped = (lines) => output.write(lines + ' lost\\n');
    for (let number = 0; number < 10000; number += 1) output.write(number + ' ' + 'x'.repeat(190) + '\\n');
    process.send('written');
    setInterval(() => output.write('alive\\n'), 20);
    process.on('message', () => process.exit(0));`,
  );
  const socket = connect(path);
  await once(socket, 'connect');
  const child = spawn(process.execPath, [script], { stdio: ['ignore', socket, 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  const [message] = (await once(child, 'message')) as [unknown];
  t.equal(message, 'written');
  socket.destroy();
  let text = '';
  for await (const bytes of accepted[0] ?? []) {
    text += String(bytes);
    if (text.endsWith('alive\n')) break;
  }
  child.send('end');
  const [, numbers = '', lost = ''] = /^((?:\d+ x+\n)+)(\d+) lost\n(?:alive\n)+$/.exec(text) ?? [];
  const kept = numbers.trimEnd().split('\n');
  t.same(
    kept.map((each) => Number(each.split(' ')[0])),
    kept.map((_, number) => number),
  );
  t.ok(Number(lost) >= 10_000 - kept.length, 'lines of the timer may be lost too');
});

t.test(
  'the log reports how many lines it lost, and a fatal event waits half a second for the last lines',
  async (t) => {
    const { reader, writer } = pipe(t);
    const output = standardOutput({ fd: writer, terminal: false, env: {} });
    const log = createLog('info', output);
    for (let number = 0; number < 4000; number += 1) log.info({ number, text: 'x'.repeat(400) }, 'happened');
    const started = performance.now();
    log.fatal('broken');
    const took = performance.now() - started;
    t.ok(took >= 490, `${took} ms`);
    const entries = (await readUntil(reader, (text) => text.includes('log_lines_dropped')))
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as { readonly [field: string]: unknown });
    const { event, level, lines } = entries.pop() ?? {};
    t.match({ event, level, lines }, { event: 'log_lines_dropped', level: 'warn', lines: 4001 - entries.length });
    for (const fd of [reader, writer]) closeSync(fd);
  },
);

/** Connects clients one after the other. At level debug the daemon logs two lines for each. */
async function connectClients(port: number, connections: number): Promise<void> {
  for (let each = 0; each < connections; each += 1) {
    const client = await Client.connect(port);
    await client.ok('ping');
    client.destroy();
    await client.closed;
  }
}

t.test(
  'a daemon whose log nobody reads serves clients and stops on SIGTERM, and a new reader gets the lines that waited',
  async (t) => {
    const { reader, writer } = pipe(t);
    const child = spawn(
      process.execPath,
      [launcher, '--listen', '127.0.0.1:0', '--data', temporaryFolder(t), '--log-level', 'debug'],
      {
        stdio: ['ignore', writer, 'inherit'],
        env: { PATH: process.env['PATH'], ...cheapPasswords },
      },
    );
    closeSync(writer);
    const exited = once(child, 'close');
    t.teardown(async () => {
      child.kill('SIGKILL');
      await exited;
      closeSync(reader);
    });
    const begin = await readUntil(reader, (text) => text.includes('"event":"ready"') && text.endsWith('\n'));
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(begin)?.[1]);
    await connectClients(port, 400);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    t.equal((await alice.say('alice', 'lobby', 'hello')).code, 1);
    const logged = await readUntil(reader, (text) => text.includes('"username":"alice"') && text.endsWith('\n'));
    const opened = logged
      .trimEnd()
      .split('\n')
      .map((each) => JSON.parse(each) as Record<string, unknown>)
      .filter(({ event }) => event === 'session_opened');
    t.same(
      opened.map(({ session }) => session),
      Array.from({ length: 401 }, (_, at) => at + 1),
      'no line is lost, and all are in order',
    );
    alice.destroy();
    await connectClients(port, 400);
    child.kill('SIGTERM');
    t.same(await exited, [0, null]);
  },
);

t.test(
  'a terminal that is stopped by Ctrl-S delays neither clients nor SIGTERM',
  { skip: noPrograms('script') },
  async (t) => {
    const data = temporaryFolder(t);
    const command = `exec '${process.execPath}' '${launcher}' --listen 127.0.0.1:0 --data '${data}' --log-level debug`;
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm', NO_COLOR: '1', ...cheapPasswords },
    });
    const exited = once(child, 'close');
    t.teardown(() => child.kill('SIGKILL'));
    child.stdin.on('error', () => undefined);
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    const until = async (what: RegExp): Promise<RegExpExecArray> => {
      for (let found = what.exec(text); ; found = what.exec(text)) {
        if (found !== null) return found;
        await sleep(10);
      }
    };
    const [, pid, port] = await until(/ ready .*\bpid=(\d+) .*127\.0\.0\.1:(\d+)[^\n]*\n/);
    t.teardown(() => {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // The daemon has ended, as it should.
      }
    });
    child.stdin.write('\u0013');
    await sleep(200);
    await connectClients(Number(port), 300);
    t.notMatch(text, /session=299/, 'the terminal is stopped');
    child.stdin.write('\u0011');
    await until(/ session_closed session=300\s/);
    child.stdin.write('\u0013');
    await connectClients(Number(port), 300);
    process.kill(Number(pid), 'SIGTERM');
    for (;;) {
      try {
        process.kill(Number(pid), 0);
      } catch {
        break;
      }
      await sleep(20);
    }
    t.pass('the daemon ended');
    child.stdin.end('\u0011');
    child.kill('SIGTERM');
    await exited;
  },
);
