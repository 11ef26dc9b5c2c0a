// Tests what the examples do after a kick: they come back to the room, and nothing that was said meanwhile is missing.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import type { Client } from '../support/client.js';
import { temporaryFolder, type Teardown } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { Program } from './program.js';
import { example, Salon } from './salon.js';

t.jobs = 2;

/** A copy of an example that comes back after a second, so that the test need not wait for a minute. */
function hasty(t: Teardown, path: string): string {
  const copy = join(temporaryFolder(t), 'program');
  const text = readFileSync(example(path), 'utf8');
  const quick = text.replace(/(away ?= ?)60/i, '$11');
  if (quick === text) throw new Error(`${path} does not say how long it stays away`);
  writeFileSync(copy, quick, { mode: 0o755 });
  return copy;
}

/** Waits until the room has bot in it. */
async function botIsIn(salon: Salon, alice: Client): Promise<void> {
  const isIn = async (): Promise<boolean> =>
    JSON.stringify((await alice.ok(`list_users ${salon.room}`)).body['users']).includes('"bot"');
  while (!(await isIn())) await sleep(50);
}

t.test(
  'the client in Python misses nothing, though it posts after the kick',
  { buffered: true, skip: noPrograms('python3') },
  async (t) => {
    const salon = await Salon.open(t);
    const alice = await salon.enter();
    const memory = join(temporaryFolder(t), 'lobby.db');
    const args = [hasty(t, 'python/salon.py'), `127.0.0.1:${salon.port}`, salon.room, memory];
    let client = new Program(t, 'python3', args, salon.env);
    const printed = (text: string): Promise<void> => client.until(({ stdout }) => stdout.includes(`> ${text}\n`));
    await botIsIn(salon, alice);
    await alice.say('alice', salon.room, 'one');
    await printed('one');
    await alice.ok(`kick_user ${salon.room} bot`);
    for (const text of ['two', 'three']) await alice.say('alice', salon.room, text);
    client.process.stdin.write('mine\n');
    await printed('three');
    await alice.say('alice', salon.room, 'four');
    await printed('four');
    t.match(client.stderr, /^out of the room, back in 1 seconds: /);
    client.process.stdin.end();
    t.equal(await client.ended, 0, client.stderr);
    const before = client.stdout;
    client = new Program(t, 'python3', args, salon.env);
    client.process.stdin.end('the end');
    t.equal(await client.ended, 0, client.stderr);
    const all = `${before}${client.stdout}`;
    t.same(
      [...all.matchAll(/<alice> (.*)/g)].map(([, text]) => text),
      ['one', 'two', 'three', 'four'],
    );
    const texts = await salon.texts();
    t.same(
      texts.filter((text) => !['one', 'two', 'three', 'four'].includes(text)),
      ['mine', 'the end'],
    );
    alice.destroy();
  },
);

t.test(
  'what is typed while the client in Python is away is kept on disk',
  { buffered: true, skip: noPrograms('python3') },
  async (t) => {
    const salon = await Salon.open(t);
    const alice = await salon.enter();
    const memory = join(temporaryFolder(t), 'lobby.db');
    // This one stays away for a minute.
    const args = [example('python/salon.py'), `127.0.0.1:${salon.port}`, salon.room, memory];
    const client = new Program(t, 'python3', args, salon.env);
    await botIsIn(salon, alice);
    await alice.ok(`kick_user ${salon.room} bot`);
    await client.until(({ stderr }) => stderr.includes('back in 60 seconds'));
    client.process.stdin.write('typed meanwhile\n');
    const isKept = (): boolean => existsSync(memory) && readFileSync(memory).includes('typed meanwhile');
    while (!isKept()) await sleep(20);
    await client.kill();
    const next = new Program(t, 'python3', args, salon.env);
    next.process.stdin.end();
    t.equal(await next.ended, 0, next.stderr);
    t.same(await salon.texts(), ['typed meanwhile']);
    alice.destroy();
  },
);

t.test('the archive in Perl misses nothing', { buffered: true, skip: noPrograms('perl') }, async (t) => {
  const salon = await Salon.open(t);
  const alice = await salon.enter();
  const log = join(temporaryFolder(t), 'lobby.log');
  const archive = new Program(
    t,
    'perl',
    [hasty(t, 'perl/archive.pl'), `127.0.0.1:${salon.port}`, salon.room, log],
    salon.env,
  );
  await botIsIn(salon, alice);
  await alice.say('alice', salon.room, 'one');
  await alice.ok(`kick_user ${salon.room} bot enough`);
  for (const text of ['two', 'three']) await alice.say('alice', salon.room, text);
  const texts = (): readonly string[] =>
    [...readFileSync(log, 'utf8').matchAll(/> (.*)\n/g)].map(([, text = '']) => text);
  while (texts().length < 3) await sleep(20);
  t.same(texts(), ['one', 'two', 'three']);
  t.equal(archive.stderr, 'out of the room, back in 1 seconds: enough\n');
  alice.destroy();
});

t.test('the bot comes back', { buffered: true }, async (t) => {
  const salon = await Salon.open(t);
  const alice = await salon.enter();
  const bot = new Program(t, hasty(t, 'shell/bot'), ['127.0.0.1', String(salon.port), salon.room], salon.env);
  await botIsIn(salon, alice);
  await alice.ok(`kick_user ${salon.room} bot`);
  await botIsIn(salon, alice);
  await alice.say('alice', salon.room, '!help');
  while (!/^Ask for /.test(String((await alice.next()).body['message'])));
  t.match(bot.stderr, /^out of the room, back in 1 seconds, by alice/);
  alice.destroy();
});
