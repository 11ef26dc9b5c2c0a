// Tests the script for TinTin++: it logs in, talks and shows sentences without their numbers, in a terminal.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessInstalled } from '../support/skip.js';
import { Program } from './program.js';
import { example, Salon } from './salon.js';

/** Debian has games in a folder of their own. */
const tintin = '/usr/games/tt++';
const skip =
  skipUnlessInstalled(existsSync(tintin), `${tintin} is not here: apt-get install tintin++`) || noPrograms('script');

t.test('the script for TinTin++ shows sentences and says what begins with an apostrophe', { skip }, async (t) => {
  const salon = await Salon.open(t);
  const home = temporaryFolder(t);
  const script = join(home, 'salon.tin');
  writeFileSync(script, readFileSync(example('mud/salon.tin'), 'utf8').replace('7256', String(salon.port)));
  const env = { ...salon.env, HOME: home, TERM: 'xterm', SHELL: '/bin/sh' };
  const client = new Program(
    t,
    'script',
    ['-qfec', `stty rows 30 cols 120; exec ${tintin} -G ${script}`, '/dev/null'],
    env,
  );
  const shown = (text: string): Promise<void> => client.until(({ stdout }) => stdout.includes(text));
  const type = (line: string): void => void client.process.stdin.write(`${line}\r`);
  await shown('CONNECTED');
  type('login alice alice password');
  type('join lobby');
  type("'hello, world");
  const bot = await salon.enter('bot');
  while (!bot.lines.some(({ body }) => body['message'] === 'hello, world')) await bot.next();
  await bot.say('bot', salon.room, 'good evening');
  await shown('<bot> good evening');
  t.notMatch(client.stdout, /^\s*100\s/m, 'without its number');
  type('nosuch');
  await shown('there is no command "nosuch"');
  t.notMatch(client.stdout, /^\s*6\s/m);
});
