// Tests the examples with tokens that keep settings which they do not want: those that can log in ask for their own
// settings afterwards, and those that can't say why.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { copyExamples, make } from './build.js';
import { Program } from './program.js';
import { example, Salon } from './salon.js';

const worst = [
  { form: 'text', language: 'fr', events: 'none', max_line: 512, keepalive: 10, ascii: true },
  { form: 'tsv', events: 'none', max_line: 512, names: true },
  { form: 'json', events: 'none', max_line: 512 },
];
const long = `${'é'.repeat(2000)}.`;

t.test('the client in Python reads and posts', { skip: noPrograms('python3') }, async (t) => {
  const salon = await Salon.open(t);
  const alice = await salon.enter();
  await alice.say('alice', salon.room, long);
  for (const settings of worst) {
    const env = { ...salon.env, SALON_TOKEN: await salon.tokenThatKeeps(settings) };
    // A room's name in capitals is the same room.
    const args = [example('python/salon.py'), salon.socket, 'LOBBY', join(temporaryFolder(t), 'lobby.db')];
    const client = new Program(t, 'python3', args, env);
    await client.until(({ stdout }) => stdout.includes(`<alice> ${long}\n`));
    await alice.say('alice', salon.room, `for ${settings.form}`);
    await client.until(({ stdout }) => stdout.includes(`<alice> for ${settings.form}\n`));
    client.process.stdin.end(`by ${settings.form}`);
    t.equal(await client.ended, 0, client.stderr);
    t.equal(client.stderr, '');
  }
  t.same(
    (await salon.texts()).filter((text) => text.startsWith('by')),
    ['by text', 'by tsv', 'by json'],
  );
  alice.destroy();
});

t.test('the archive in Perl has whole messages', { skip: noPrograms('perl') }, async (t) => {
  const salon = await Salon.open(t);
  const alice = await salon.enter();
  await alice.say('alice', salon.room, long);
  for (const settings of worst) {
    const env = { ...salon.env, SALON_TOKEN: await salon.tokenThatKeeps(settings) };
    const log = join(temporaryFolder(t), 'lobby.log');
    const archive = new Program(t, 'perl', [example('perl/archive.pl'), salon.socket, 'LOBBY', log], env);
    const has = async (text: string): Promise<void> => {
      while (!(archive.stderr || readFileSync(log, { encoding: 'utf8', flag: 'a+' }).includes(`<alice> ${text}\n`)))
        await sleep(20);
    };
    await has(long);
    await alice.say('alice', salon.room, `for ${settings.form}`);
    await has(`for ${settings.form}`);
    t.equal(archive.stderr, '');
    await archive.kill();
  }
  alice.destroy();
});

t.test('the scripts in bash do what they say', async (t) => {
  const salon = await Salon.open(t);
  for (const settings of worst) {
    const env = { ...salon.env, SALON_TOKEN: await salon.tokenThatKeeps(settings) };
    const args = ['127.0.0.1', String(salon.port), salon.room];
    const tail = new Program(t, example('shell/tail-to-room'), args, env);
    tail.process.stdin.end(`tail ${settings.form}\n`);
    t.equal(await tail.ended, 0, tail.stderr);
    const alice = await salon.enter();
    const bot = new Program(t, example('shell/bot'), args, env);
    while ((await alice.next()).code !== 101);
    await alice.say('alice', salon.room, '!help');
    while (!/^Ask for /.test(String((await alice.next()).body['message'])));
    await bot.kill();
    t.equal(`${tail.stderr}${bot.stderr}`, '');
    alice.destroy();
  }
  t.same(
    (await salon.texts()).filter((text) => text.startsWith('tail')),
    ['tail text', 'tail tsv', 'tail json'],
  );
});

t.test('the programs in C need the form tsv, and say so', { skip: noPrograms('cc', 'make', 'size') }, async (t) => {
  const salon = await Salon.open(t);
  const examples = copyExamples(t);
  const [sensor, display] = [make(examples, 'sensor'), make(examples, 'display')];
  const args = ['127.0.0.1', String(salon.port), salon.room];
  const spool = join(temporaryFolder(t), 'spool');
  for (const form of ['text', 'json']) {
    const env = { ...salon.env, SALON_TOKEN: await salon.tokenThatKeeps({ form, language: 'fr' }) };
    for (const [path, more] of [
      [sensor, [spool]],
      [display, []],
    ] as const) {
      const program = new Program(t, path, [...args, ...more], env);
      await program.until(({ stderr }) => stderr.includes('\n'));
      t.match(program.stderr, /^the token was made in a session with another form than tsv: make another one: next /);
      await program.kill();
    }
  }
  const settings = { form: 'tsv', events: 'all', names: true, max_line: 32_768, keepalive: 10, ascii: true };
  const env = { ...salon.env, SALON_TOKEN: await salon.tokenThatKeeps(settings) };
  const reader = new Program(t, display, args, env);
  const writer = new Program(t, sensor, [...args, spool], env);
  writer.process.stdin.end('21.5\n');
  t.equal(await writer.ended, 0, writer.stderr);
  await reader.until(({ stdout }) => stdout.includes('bot: 21.5'));
  const alice = await salon.enter();
  await alice.say('alice', salon.room, long);
  await alice.say('alice', salon.room, 'the end');
  await reader.until(({ stdout }) => stdout.includes('alice: the end'));
  t.match(reader.stdout, /alice: é{150,250}\.\.\.\n/, 'a text that is too long is cut, and not left out');
  t.equal(`${writer.stderr}${reader.stderr}`, '');
  alice.destroy();
});
