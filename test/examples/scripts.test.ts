// Tests the examples in bash, Python and Perl, and that for systemd: what they say of themselves holds, also where the
// server or they are killed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { codeBlocks } from '../documents/code-blocks.js';
import type { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { Program } from './program.js';
import { example, Salon } from './salon.js';

t.jobs = 2;

/** Waits until the room has so many messages. */
async function has(salon: Salon, count: number): Promise<void> {
  const reader = await salon.enter();
  const ids = (): number => reader.lines.filter(({ code }) => code === 100 || code === 110).length;
  while (ids() < count) await reader.next();
  reader.destroy();
}

t.test('tail-to-room stores each line once, though the server is killed', { buffered: true }, async (t) => {
  const salon = await Salon.open(t);
  const program = new Program(
    t,
    example('shell/tail-to-room'),
    ['127.0.0.1', String(salon.port), salon.room],
    salon.env,
  );
  const { stdin } = program.process;
  const lines = Array.from({ length: 30 }, (_, each) => `${each} "quoted" \\back\\ été`);
  stdin.write(`${lines.slice(0, 10).join('\n')}\n`);
  await has(salon, 10);
  stdin.write(`${lines.slice(10, 20).join('\n')}\n`);
  await salon.restart();
  stdin.end(`${lines.slice(20).join('\n')}\n \n\ttab\u0007\nlast ${'é'.repeat(2000)}`);
  t.equal(await program.ended, 0, program.stderr);
  t.same(await salon.texts(), [...lines, ' tab ', `last ${'é'.repeat(995)}`]);
  t.equal(program.stderr, '');
});

t.test('tail-to-room says what is never taken, and which token is worth nothing', { buffered: true }, async (t) => {
  const salon = await Salon.open(t);
  const start = (room: string, env = salon.env): Program =>
    new Program(t, example('shell/tail-to-room'), ['127.0.0.1', String(salon.port), room], env);
  const elsewhere = start('nowhere');
  elsewhere.process.stdin.end('hello\n');
  t.equal(await elsewhere.ended, 0);
  t.match(elsewhere.stderr, /^not sent: hello: 11\t/);
  const stranger = start(salon.room, { ...salon.env, SALON_TOKEN: `${salon.token.slice(0, -1)}_` });
  t.equal(await stranger.ended, 1);
  t.match(stranger.stderr, /^4\t/);
});

t.test('tail-to-room cuts between characters in any locale', { buffered: true }, async (t) => {
  const salon = await Salon.open(t);
  const env = { PATH: salon.env['PATH'] ?? '', SALON_TOKEN: salon.token, LC_ALL: 'C' };
  const program = new Program(t, example('shell/tail-to-room'), ['127.0.0.1', String(salon.port), salon.room], env);
  program.process.stdin.end(`a${'é'.repeat(1500)}\n`);
  t.equal(await program.ended, 0);
  t.equal(program.stderr, '');
  t.same(await salon.texts(), [`a${'é'.repeat(999)}`]);
});

t.test('tail-to-room ends where its login is refused for good, and waits where it is not', async (t) => {
  const answers = [
    '16\t{"command":"authenticate_token","error":"busy","retry_after":1}',
    'x[$(echo injected >&2)]\t{}',
    ...[5, 7, 12, 17].map((code) => `${code}\t{"command":"authenticate_token","error":"no"}`),
  ];
  let tries = 0;
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', () => socket.end(`190\t{}\n${answers[tries]}\n`, () => (tries += 1)));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  const args = ['127.0.0.1', String((server.address() as AddressInfo).port), 'lobby'];
  for (const answer of answers.slice(1)) {
    const program = new Program(t, example('shell/tail-to-room'), args, {
      PATH: process.env['PATH'] ?? '',
      SALON_TOKEN: 'a.b',
    });
    t.equal(await program.ended, 1);
    t.equal(program.stderr, `${answer}\n`);
  }
  t.equal(tries, answers.length, 'one more try after the first answer, and none after the others');
});

t.test(
  'the bot answers, also after the server was killed, and nothing that was said before',
  { buffered: true },
  async (t) => {
    const salon = await Salon.open(t);
    let alice = await salon.enter();
    const said = async (client: Client): Promise<unknown> => {
      for (;;) {
        const { code, body } = await client.next();
        if (code === 100) return body['message'];
      }
    };
    const joined = async (client: Client): Promise<void> => {
      while ((await client.next()).code !== 101);
    };
    const bot = new Program(t, example('shell/bot'), ['127.0.0.1', String(salon.port), salon.room], salon.env);
    await joined(alice);
    await alice.say('alice', salon.room, '!time');
    t.match(await said(alice), /^It is \d\d:\d\d in UTC\.$/);
    await alice.say('alice', salon.room, 'nothing to answer');
    await alice.say('alice', salon.room, '!dice');
    t.match(await said(alice), /^alice rolls a [1-6]\.$/);
    await salon.restart();
    alice = await salon.enter();
    const isBack = async (): Promise<boolean> =>
      JSON.stringify((await alice.ok(`list_users ${salon.room}`)).body['users']).includes('"bot"');
    while (!(await isBack())) await sleep(50);
    await alice.say('alice', salon.room, '!help');
    t.match(await said(alice), /^Ask for /);
    t.equal(bot.stderr, '');
  },
);

t.test(
  'the line for cron tells the room, and prints only what failed',
  { buffered: true, skip: noPrograms('nc.openbsd') },
  async (t) => {
    const salon = await Salon.open(t);
    const home = temporaryFolder(t);
    writeFileSync(join(home, '.salon-login'), `authenticate_token ${salon.token}\n`);
    const [line = ''] = codeBlocks('examples/shell/README.md', 'crontab');
    const job = (room: string): string =>
      line
        .replace(/^0 4 \* \* \* \S+/, 'true')
        .replace('7256', String(salon.port))
        .replace(/post_message ops/, `post_message ${room}`);
    const run = (room: string): string =>
      spawnSync('sh', ['-c', job(room)], { env: { ...salon.env, HOME: home }, encoding: 'utf8' }).stdout;
    t.equal(run(salon.room), '');
    t.match(run('nowhere'), /^11\t/);
    t.match(await salon.texts(), [/^the backup of \S+ is done$/]);
  },
);

t.test(
  'the client in Python loses and repeats nothing, whatever is killed',
  { buffered: true, skip: noPrograms('python3') },
  async (t) => {
    const salon = await Salon.open(t);
    const memory = join(temporaryFolder(t), 'lobby.db');
    const start = (where: string): Program =>
      new Program(t, 'python3', [example('python/salon.py'), where, salon.room, memory], salon.env);
    const [port, texts] = [`127.0.0.1:${salon.port}`, Array.from({ length: 30 }, (_, each) => `${each} été "\\ 🫖`)];
    let client = start(port);
    client.process.stdin.write(`${texts.slice(0, 10).join('\n')}\n`);
    await has(salon, 10);
    await client.kill();
    client = start(salon.socket);
    const alice = await salon.enter();
    await alice.say('alice', salon.room, 'hello');
    await client.until(({ stdout }) => stdout.includes('<alice> hello\n'));
    client.process.stdin.write(`${texts.slice(10, 20).join('\n')}\n`);
    await salon.restart();
    client.process.stdin.end(texts.slice(20).join('\n'));
    t.equal(await client.ended, 0, client.stderr);
    const stored = await salon.texts();
    t.same(stored, [...texts.slice(0, 10), 'hello', ...texts.slice(10)]);
    t.equal(client.stdout.split('<alice> hello\n').length, 2, 'what was read is printed once');
    t.equal(client.stderr, '');
  },
);

t.test(
  'the client in Python leaves out what the server can never take, and goes on',
  { buffered: true, skip: noPrograms('python3') },
  async (t) => {
    const salon = await Salon.open(t);
    const memory = join(temporaryFolder(t), 'lobby.db');
    const args = [example('python/salon.py'), salon.socket, salon.room, memory];
    for (const end of ['the end', 'another end']) {
      const client = new Program(t, 'python3', args, salon.env);
      client.process.stdin.end(`before\n${'x'.repeat(20_000)}\n${'😀'.repeat(1000)}\n${'😀'.repeat(1500)}\n${end}`);
      t.equal(await client.ended, 0, client.stderr);
      t.match(client.stderr, /^not sent: .*16384.*\nnot sent: .*4,?096.*\n$/, end);
    }
    t.same(await salon.texts(), ['before', '😀'.repeat(1000), 'the end', 'before', '😀'.repeat(1000), 'another end']);
  },
);

t.test(
  'the archive in Perl has each message once, whatever is killed',
  { buffered: true, skip: noPrograms('perl') },
  async (t) => {
    const salon = await Salon.open(t);
    const log = join(temporaryFolder(t), 'lobby.log');
    const start = (where: string): Program =>
      new Program(t, 'perl', [example('perl/archive.pl'), where, salon.room, log], salon.env);
    const lines = (): readonly string[] => readFileSync(log, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);
    const written = async (count: number): Promise<void> => {
      while (lines().length < count) await sleep(20);
    };
    let archive = start(`127.0.0.1:${salon.port}`);
    const alice = await salon.enter();
    for (let each = 1; each <= 10; each += 1) await alice.say('alice', salon.room, `${each} été\nline`);
    await written(10);
    await archive.kill();
    // As if it had been killed in the middle of a line.
    writeFileSync(log, '11 2026-11-2', { flag: 'a' });
    await alice.say('alice', salon.room, '11');
    await alice.say('alice', salon.room, 'ten', { kind: 'edit', re: 10 });
    archive = start(salon.socket);
    await written(12);
    await salon.restart();
    const again = await salon.enter();
    await again.say('alice', salon.room, '13');
    await written(13);
    const expected = [...Array.from({ length: 10 }, (_, each) => `${each + 1} été line`), '11', '(edits 10) ten', '13'];
    t.same(
      lines().map((line) => line.replace(/T\S+Z/, '')),
      expected.map((text, at) => `${at + 1} ${new Date().toISOString().slice(0, 10)} <alice> ${text}`),
    );
    t.equal(archive.stderr, '');
  },
);

t.test(
  'the archive in Perl leaves a file alone that is none of its own',
  { buffered: true, skip: noPrograms('perl') },
  async (t) => {
    const salon = await Salon.open(t);
    const own = '1 2026-11-22T12:00:00.000Z <alice> hello\n';
    for (const [line, text] of [
      [1, 'my notes\n'.repeat(5)],
      [1, 'without an end'],
      [1, '12 apples\n'],
      [1, '12'],
      [2, `${own}12 apples\n${own}`],
      [2, `${own}my notes`],
    ] as const) {
      const file = join(temporaryFolder(t), 'precious.txt');
      writeFileSync(file, text);
      const archive = new Program(t, 'perl', [example('perl/archive.pl'), salon.socket, salon.room, file], salon.env);
      t.not(await archive.ended, 0);
      t.equal(archive.stderr, `${file}: line ${line} is none of a log of this program\n`);
      t.equal(readFileSync(file, 'utf8'), text);
    }
  },
);

t.test(
  'the announcement of a failed unit is stored once, and fails where it could not be',
  { buffered: true, skip: noPrograms('nc.openbsd') },
  async (t) => {
    const salon = await Salon.open(t);
    const folder = temporaryFolder(t);
    writeFileSync(join(folder, 'salon-token'), `${salon.token}\n`);
    const env = {
      ...salon.env,
      CREDENTIALS_DIRECTORY: folder,
      MONITOR_UNIT: 'postgresql.service',
      MONITOR_SERVICE_RESULT: 'exit-code',
      MONITOR_EXIT_CODE: 'exited',
      MONITOR_EXIT_STATUS: '1',
      MONITOR_INVOCATION_ID: '0123456789abcdef0123456789abcdef',
    };
    // The server sends its greeting first.
    const announce = (room: string, socket = salon.socket): number | null =>
      spawnSync(example('systemd/announce'), [room, socket], { env }).status;
    t.equal(announce(salon.room), 0);
    t.equal(announce(salon.room), 0);
    t.equal(announce('nowhere'), 1);
    t.equal(announce(salon.room, join(folder, 'nothing')), 1);
    t.match(await salon.texts(), [/^postgresql\.service on \S+ has failed: exit-code, exited 1$/]);
    t.equal((await salon.texts()).length, 1);
  },
);

t.test('systemd takes the units', { buffered: true, skip: noPrograms('systemd-analyze') }, async (t) => {
  const folder = temporaryFolder(t);
  const unit = readFileSync(example('systemd/salon-announce@.service'), 'utf8');
  writeFileSync(join(folder, 'salon-announce@.service'), unit.replace('/usr/local/lib/salon/announce', '/bin/true'));
  writeFileSync(join(folder, 'postgresql.service'), '[Service]\nExecStart=/bin/true\n');
  mkdirSync(join(folder, 'postgresql.service.d'));
  writeFileSync(
    join(folder, 'postgresql.service.d/50-announce.conf'),
    readFileSync(example('systemd/50-announce.conf')),
  );
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', join(folder, 'postgresql.service')], {
    encoding: 'utf8',
  });
  t.equal(`${status}${stderr}`, '0');
});
