// Tests the sensor of examples/sensor: each reading is stored exactly once, whatever is killed; it sends no secret, and
// nothing to who is not the server; and it fits into a small device.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';
import { proofsOf } from '../support/proofs.js';
import { copyExamples, footprintOf, make } from './build.js';
import { Program } from './program.js';

const skip = noPrograms('cc', 'make', 'size');
const room = 'greenhouse';
const secret = 'a-secret-of-a-token-that-nobody-else-has-seen';

/** Makes the room, and a token of a new user. */
async function prepare(port: number): Promise<{ readonly token: string; readonly owner: Client }> {
  const owner = await (await Client.connect(port)).enter('alice', room);
  const pump = await (await Client.connect(port)).enter('pump');
  const { body } = await pump.ok('create_token');
  pump.destroy();
  return { token: String(body['token']), owner };
}

/** All messages of the room, as a member of it reads them. */
async function stored(port: number): Promise<readonly string[]> {
  const reader = await Client.connect(port);
  await reader.ok('authenticate_user alice alice password');
  await reader.ok({ command: 'join_chatroom', username: 'alice', room, after: 0 });
  const texts = reader.lines.filter(({ code }) => code === 110).map(({ body }) => String(body['message']));
  reader.destroy();
  return texts;
}

t.test('each reading is stored once, in order, whatever is killed', { skip }, async (t) => {
  const path = make(copyExamples(t), 'sensor');
  const [data, spool, port] = [temporaryFolder(t), join(temporaryFolder(t), 'spool'), await freePort()];
  const startServer = async (): Promise<ReturnType<typeof startDaemon>> => {
    const daemon = startDaemon(t, {
      data,
      env: { SALOND_LISTEN: `127.0.0.1:${port}` },
      args: ['--listen', `127.0.0.1:${port}`],
    });
    await daemon.port();
    return daemon;
  };
  let daemon = await startServer();
  const { token, owner } = await prepare(port);
  owner.destroy();
  const startSensor = (): Program =>
    new Program(t, path, ['127.0.0.1', String(port), room, spool], { SALON_TOKEN: token });
  let sensor = startSensor();
  const kept = (program: Program): number => program.stdout.split('kept ').length - 1;
  const readings = Array.from({ length: 80 }, (_, each) => `reading ${each}: "warm" \\o/ é`);
  let toRestart: Promise<unknown> = Promise.resolve();
  for (const [each, text] of readings.entries()) {
    if (each % 13 === 5) {
      // Killed while readings are on their way, and back some readings later.
      await toRestart;
      toRestart = daemon.stop('SIGKILL').then(async () => {
        daemon = await startServer();
      });
    }
    const before = kept(sensor);
    sensor.process.stdin.write(`${text}\n`);
    if (each % 7 !== 3) {
      await sensor.until((program) => kept(program) > before);
      continue;
    }
    await sensor.kill();
    await toRestart;
    const isKept = readFileSync(spool, 'utf8').includes(JSON.stringify(text).slice(1, -1));
    const isStored = (await stored(port)).includes(text);
    sensor = startSensor();
    if (isKept || isStored) continue;
    sensor.process.stdin.write(`${text}\n`);
    await sensor.until((program) => kept(program) > 0);
  }
  await toRestart;
  sensor.process.stdin.end();
  t.equal(await sensor.ended, 0, sensor.stderr);
  t.same(await stored(port), readings);
  t.equal(readFileSync(spool, 'utf8'), '', 'the spool shrinks');
});

t.test(
  'a spool that a crash has cut short is mended, and readings that no server takes are left out',
  { skip },
  async (t) => {
    const path = make(copyExamples(t), 'sensor');
    const port = await hostDaemon(t).port();
    const { token, owner } = await prepare(port);
    const spool = join(temporaryFolder(t), 'spool');
    writeFileSync(spool, `${'k'.repeat(16)} whole\n${'l'.repeat(16)} cut sh`);
    const sensor = new Program(t, path, ['127.0.0.1', String(port), room, spool], { SALON_TOKEN: token });
    sensor.process.stdin.write(`\n${'x'.repeat(129)}\n${'y'.repeat(128)}\n`);
    sensor.process.stdin.write(Buffer.from([0x66, 0xff, 0x0a, 0x07, 0x62, 0x09, 0x63, 0x0a]));
    sensor.process.stdin.end('without an end');
    t.equal(await sensor.ended, 0);
    t.same(await stored(port), ['whole', 'y'.repeat(128), ' b c', 'without an end']);
    t.match(sensor.stderr, /a reading is too long\n/);
    t.match(sensor.stderr, /was answered 5: /);
    owner.destroy();
  },
);

t.test('it waits as long as it is told, and goes on when it may', { skip }, async (t) => {
  const path = make(copyExamples(t), 'sensor');
  const daemon = hostDaemon(t);
  const port = await daemon.port();
  const { token, owner } = await prepare(port);
  const spool = join(temporaryFolder(t), 'spool');
  const operator = await Client.connect(join(daemon.data, 'control'));
  await operator.ok({ command: 'ban', target: 'pump', duration: 1 });
  const sensor = new Program(t, path, ['127.0.0.1', String(port), room, spool], { SALON_TOKEN: token });
  sensor.process.stdin.end('after a ban\n');
  t.equal(await sensor.ended, 0);
  t.match(sensor.stderr, /^you are banned: next attempt in \d+ ms\n/);
  t.same(await stored(port), ['after a ban']);
  for (const client of [operator, owner]) client.destroy();
});

/** A server that answers as it likes. Collects what the sensor sends. */
async function impostor(
  t: Test,
  answer: (request: Readonly<Record<string, string>>, socket: Socket) => void,
): Promise<{ readonly port: number; readonly sent: string[]; readonly closed: Promise<void> }> {
  const sent: string[] = [];
  let closed: () => void = () => undefined;
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const server = createServer((socket) => {
    socket.on('error', () => undefined).on('close', closed);
    const lines = createInterface(socket).on('line', (line) => {
      sent.push(line);
      answer(JSON.parse(line) as Record<string, string>, socket);
    });
    // Its connection is reset where it ends with something unread.
    lines.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, sent, closed: isClosed };
}

t.test('it believes nothing before the server has proved that it knows the token', { skip }, async (t) => {
  const path = make(copyExamples(t), 'sensor');
  const token = `0123456789abcdef.${secret}`;
  const other = `0123456789abcdef.${secret.toUpperCase()}`;
  let nonce = '';
  const { port, sent, closed } = await impostor(t, (request, socket) => {
    const { command = '' } = request;
    if (command === 'challenge_token') nonce = request['nonce'] ?? '';
    const { serverProof } = proofsOf(other, nonce, 'server-nonce-1234');
    const results: Readonly<Record<string, string>> = {
      set_session: 'tsv\tnone\t1\t512',
      challenge_token: 'server-nonce-1234',
      authenticate_proof: `pump\t${serverProof}`,
    };
    socket.write(`1\t${command}\t\t${results[command] ?? ''}\n`);
  });
  const spool = join(temporaryFolder(t), 'spool');
  const sensor = new Program(t, path, ['127.0.0.1', String(port), room, spool], { SALON_TOKEN: token });
  sensor.process.stdin.write('a reading\n');
  await closed;
  await sensor.until(({ stderr }) => stderr.includes('it does not know the token'));
  t.same(
    sent.map((line) => (JSON.parse(line) as { command: string }).command),
    ['set_session', 'challenge_token', 'authenticate_proof'],
    'no reading was sent',
  );
  t.notMatch(sent.join('\n'), secret);
  t.match(sent[2], proofsOf(token, nonce, 'server-nonce-1234').proof);
  t.match(readFileSync(spool, 'utf8'), 'a reading', 'which waits');
});

t.test('lines that are cut into pieces, too long or unknown do it no harm', { skip }, async (t) => {
  const path = make(copyExamples(t), 'sensor');
  const token = `0123456789abcdef.${secret}`;
  let nonce = '';
  const { port, sent } = await impostor(t, (request, socket) => {
    const { command = '' } = request;
    if (command === 'set_session') socket.write(`190\t${'n'.repeat(3000)}\n150\t\n\nnonsense\n`);
    if (command === 'challenge_token') nonce = request['nonce'] ?? '';
    const results: Readonly<Record<string, string>> = {
      set_session: 'tsv',
      challenge_token: 'server-nonce-1234',
      authenticate_proof: `pump\t${proofsOf(token, nonce, 'server-nonce-1234').serverProof}`,
      post_message: `${room}\t7\t6`,
    };
    // A second line comes with the first one's end.
    const text = `1\t${command}\t\t${results[command] ?? ''}\n191\t2026-11-28T12:00:00.000Z\n`;
    for (const byte of text) socket.write(byte);
  });
  const spool = join(temporaryFolder(t), 'spool');
  const sensor = new Program(t, path, ['127.0.0.1', String(port), room, spool], { SALON_TOKEN: token });
  sensor.process.stdin.end('a reading\n');
  t.equal(await sensor.ended, 0, sensor.stderr);
  const [, key] = /^kept (\S{16})\n/.exec(sensor.stdout) ?? [];
  t.equal(sensor.stdout, `kept ${key}\nstored ${key} 7\n`);
  t.same(JSON.parse(sent[4] ?? ''), { command: 'post_message', room, message: 'a reading', key });
});

t.test('it takes no words that are wrong', { skip }, async (t) => {
  const path = make(copyExamples(t), 'sensor');
  const spool = join(temporaryFolder(t), 'spool');
  for (const [args, env] of [
    [['127.0.0.1', '1', room, spool], {}],
    [['127.0.0.1', '1', room, spool], { SALON_TOKEN: 'nodot' }],
    [['127.0.0.1', '1', 'a"room', spool], { SALON_TOKEN: 'a.b' }],
    [['127.0.0.1', '1', room], { SALON_TOKEN: 'a.b' }],
  ] as const) {
    const sensor = new Program(t, path, args, env);
    t.equal(await sensor.ended, 2);
    t.match(sensor.stderr, /^usage: /);
  }
  t.notOk(existsSync(spool));
});

t.test('it takes less than 20 KB of code and 2 KB of memory, without the C library', { skip }, async (t) => {
  const examples = copyExamples(t);
  make(examples, 'sensor');
  const size = footprintOf(join(examples, 'sensor'), ['sensor', 'link', 'spool', 'proof', 'sha256']);
  t.comment(JSON.stringify(size));
  t.ok(size.code < 20_000, `${size.code} bytes of code`);
  t.ok(size.variables + size.stack <= 2048, `${size.variables} of variables and ${size.stack} of stack`);
  for (const name of ['sha256.c', 'proof.c', 'spool.c'])
    t.ok(readFileSync(join(examples, 'sensor', name), 'utf8').split('\n').length < 150, name);
});
