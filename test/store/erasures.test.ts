// Erases a user and all that it wrote, and looks for what is left: in every file of the data folder (PROTOCOL.md §5).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';

/** The files of the folder in which one of the texts stands. */
function filesWith(folder: string, ...texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return texts.some((text) => bytes.includes(text));
    });
}

const secret = 'a text that nobody else writes';
/** A single word of hers, as it stands in the index of what was said. */
const word = 'qwertzwort';
const password = 'looking-glass';

/** Registers a user who writes, between the messages of another one. */
async function write(port: number, messages: number): Promise<{ readonly alice: Client; readonly bob: Client }> {
  const [alice, bob] = [await Client.connect(port), await (await Client.connect(port)).enter('bob', 'lobby')];
  await alice.ok({
    command: 'create_user',
    username: 'Alicia-Nobody-Else',
    first_name: 'Erasable',
    last_name: 'Liddellson',
    password,
  });
  await alice.ok({ command: 'authenticate_user', username: 'alicia-nobody-else', password });
  await alice.ok('join_chatroom alicia-nobody-else lobby');
  await bob.event();
  await alice.ok({ command: 'update_user', status: 'a status of hers' });
  for (let sent = 1; sent <= messages; sent += 1) {
    const post = { command: 'chatroom_message', room: 'lobby', key: `key-of-hers-${sent}` };
    await alice.ok({ ...post, username: 'Alicia-Nobody-Else', message: `${secret} Qwertzwort ${sent}` });
    await bob.ok({ ...post, username: 'bob', message: `bob says ${sent}` });
  }
  return { alice, bob };
}

const hers = [secret, word, 'Qwertzwort', 'licia-nobody', 'licia-Nobody', 'Erasable', 'Liddellson', 'a status of hers'];

t.test('an erasure leaves neither texts nor names in any file, and ids and prev as they were', async (t) => {
  const data = temporaryFolder(t);
  const daemon = hostDaemon(t, { data });
  const { alice, bob } = await write(await daemon.port(), 20);
  t.not(filesWith(data, secret).length, 0, 'the texts were there');
  t.match(await bob.request('search_chatroom lobby qwertzwort'), { code: 1, body: { count: 20 } });
  t.not(filesWith(data, word).length, 0, 'the word was in the index');
  await alice.ok({ command: 'delete_user', password, erase: true });
  t.same(filesWith(data, ...hers), [], 'while the daemon runs');
  t.match(await bob.request('create_user alicia-nobody-else A B another password'), { code: 4 });
  t.match(await bob.request('create_user aIicia-nobody-else A B another password'), { code: 4 }, 'it looks like it');
  await daemon.stop();
  t.same(filesWith(data, ...hers), [], 'after its end');

  const again = hostDaemon(t, { data });
  const reader = await (await Client.connect(await again.port())).enter('carol');
  const { body } = await reader.request({ command: 'join_chatroom', username: 'carol', room: 'lobby', after: 0 });
  t.match(body, { last: 40 });
  await again.stop();
});

t.test('an operator erases a user, and an erasure that was killed goes on at the next start', async (t) => {
  const data = temporaryFolder(t);
  const first = startDaemon(t, { data });
  await write(await first.port(), 3);
  const operator = await Client.connect(await first.control());
  operator.send('erase_account alicia-nobody-else');
  await first.stop('SIGKILL');
  const second = hostDaemon(t, { data });
  const other = await Client.connect(await second.control());
  const { code } = await other.request('erase_account alicia-nobody-else');
  t.ok(code === 1 || code === 11, `answered ${code}`);
  // The rest of an erasure is done in the background.
  while (filesWith(data, ...hers).length > 0) await pause(20);
  await second.stop();
  t.same(filesWith(data, ...hers), []);
});
