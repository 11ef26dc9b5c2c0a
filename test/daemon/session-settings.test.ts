// What a session has asked for (PROTOCOL.md §8) while much else goes on: while a join replays the past, and when a
// device comes back after a restart of the daemon.
import t, { type Test } from 'tap';
import { formatOf, type LineFormat } from '../../src/wire/format.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { FormClient } from '../support/form-client.js';
import { hostDaemon } from '../support/in-process.js';

const short = formatOf({ form: 'tsv', maxLine: 512, ascii: true, language: 'en' });
const room = 'tea';

async function connected(t: Test, port: number, name: string): Promise<FormClient> {
  const client = await FormClient.connect(port);
  t.teardown(() => client.socket.destroy());
  return client.enter(name);
}

/** Says that many messages, and waits until they are stored. */
async function say(client: FormClient, username: string, count: number): Promise<void> {
  const message = 'é'.repeat(300);
  client.send(...Array.from({ length: count }, () => ({ command: 'chatroom_message', username, room, message })));
  for (let each = 0; each < count; each += 1) await client.reply();
}

const ids = (lines: FormClient['lines'], code: number): unknown[] =>
  lines.filter((line) => line.code === code).map(({ members }) => members['id']);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, place) => place + 1);

t.test('what is said while a join replays comes behind it, in short lines too', async (t) => {
  const port = await hostDaemon(t).port();
  const alice = await connected(t, port, 'alice');
  await alice.request({ command: 'join_chatroom', username: 'alice', room });
  await say(alice, 'alice', 1500);
  const bob = await connected(t, port, 'bob');
  await bob.ask(short);
  bob.send({ command: 'join_chatroom', username: 'bob', room, after: 0 });
  await say(alice, 'alice', 200);
  t.equal((await bob.reply()).code, 1);
  await alice.request({ command: 'ping' });
  await bob.request({ command: 'ping' });
  const past = ids(bob.lines, 110);
  t.same([...past, ...ids(bob.lines, 100)], upTo(1700), 'nothing is missing, and nothing comes twice');
  t.ok(past.length >= 1500);
  for (const { members, code } of bob.lines) if (code === 100 || code === 110) t.equal(members['cut'], 600);
  const place = bob.lines.findLastIndex(({ code }) => code === 110);
  t.notOk(
    bob.lines.slice(0, place).some(({ code }) => code === 100),
    'live lines come behind the past',
  );
});

t.test('a session that wants no events gets the past that it asks for, and nothing behind it', async (t) => {
  const port = await hostDaemon(t).port();
  const alice = await connected(t, port, 'alice');
  await alice.request({ command: 'join_chatroom', username: 'alice', room });
  await say(alice, 'alice', 600);
  const bob = await connected(t, port, 'bob');
  await bob.ask(short, { events: 'none' });
  bob.send({ command: 'join_chatroom', username: 'bob', room, after: 0 });
  await say(alice, 'alice', 100);
  t.match(await bob.reply(), { code: 1, members: { count: 2, users: Array } });
  await alice.request({ command: 'ping' });
  await bob.request({ command: 'ping' });
  const past = ids(bob.lines, 110);
  t.same(past, upTo(past.length));
  t.ok(past.length >= 600);
  t.same(ids(bob.lines, 100), []);
  await alice.request({ command: 'kick_user', room, user: 'bob' });
  await bob.request({ command: 'ping' });
  t.equal(bob.lines.at(-2)?.code, 106);
});

t.test('a token keeps what its session has asked for, whatever becomes of the daemon', async (t) => {
  const data = temporaryFolder(t);
  const first = startDaemon(t, { data });
  const alice = await connected(t, await first.port(), 'alice');
  await alice.ask(short, { events: 'messages', names: false, keepalive: 3600, language: 'fr' });
  const { members } = await alice.request({ command: 'create_token' });
  await first.stop();
  const second = startDaemon(t, { data });
  const device = await FormClient.connect(await second.port());
  t.teardown(() => device.socket.destroy());
  const french: LineFormat = formatOf({ ...short, language: 'fr' });
  device.expect(french);
  const login = await device.request({ command: 'authenticate_token', token: members['token'], ref: 'é' });
  t.equal(login.raw, '1\tauthenticate_token\t\\u00e9\talice\n', 'the first line of a device is as it wants it');
  t.equal(
    (await device.request({ command: 'set_session' })).raw,
    '1\tset_session\t\ttsv\tmessages\t0\t512\t3600\t1\tfr\n',
  );
  device.send({ command: 'ping', ref: '🎈'.repeat(64) });
  t.match((await device.reply()).raw, /^7\tping\t\t[^\t]*\tref\t\n$/);
});

t.test('a list that is read in pages has an end, also where names are cut', async (t) => {
  const port = await hostDaemon(t, { env: { SALOND_MAX_NEW_ROOMS_PER_DAY: '100' } }).port();
  const alice = await connected(t, port, 'alice');
  // Letters of four bytes, and of twelve as escapes. None looks like another.
  const names = ['\u{10400}', '\u{10401}', '\u{10402}', '\u{10403}'].map((letter) => letter.repeat(64));
  for (const name of [...names, 'plain', 'zebra']) {
    await alice.request({ command: 'join_chatroom', username: 'alice', room: name });
  }
  await alice.ask(formatOf({ form: 'json', maxLine: 512, ascii: true, language: 'en' }));
  const seen: string[] = [];
  for (let more = true, pages = 0; more; pages += 1) {
    const after = seen.at(-1);
    const { members } = await alice.request({ command: 'list_my_rooms', ...(after === undefined ? {} : { after }) });
    const rooms = members['rooms'] as readonly { readonly name: string }[];
    seen.push(...rooms.map(({ name }) => name));
    more = members['more'] === true;
    if (rooms.length === 0 || pages > 12) break;
  }
  t.equal(seen.length, names.length + 2);
  t.same(new Set(seen).size, seen.length, 'each comes once');
  for (const name of names) t.ok(seen.some((each) => each.length > 20 && name.startsWith(each)));
});
