// Tests tokens and sessions at the daemon: who is kept out, what wrong tokens cost, what an operator ends, and that
// clients who come back by token after a restart miss nothing and read nothing twice.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Passwords } from '../../src/accounts/passwords.js';
import { keysOf, newToken, tokenText } from '../../src/accounts/token-secret.js';
import { openSqliteStore } from '../../src/daemon/store.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { nameForms } from '../../src/text/names.js';
import { Client, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder, type RunningDaemon } from '../support/daemon.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';

interface Hosted {
  readonly port: number;
  readonly operator: Client;
  readonly metrics: () => Promise<string>;
}

async function start(t: Test, env: Readonly<Record<string, string>> = {}): Promise<Hosted> {
  const data = temporaryFolder(t);
  const daemon = hostDaemon(t, { data, env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', ...env } });
  const port = await daemon.port();
  const metrics = `http://${String((await daemon.logged('ready'))['metrics'])}/metrics`;
  const operator = await Client.connect(join(data, 'control'));
  t.teardown(() => operator.destroy());
  return { port, operator, metrics: async () => (await fetch(metrics)).text() };
}

async function tokenOf(client: Client, more: object = {}): Promise<{ readonly token: string; readonly id: string }> {
  const { body } = await client.ok({ command: 'create_token', ...more });
  return { token: String(body['token']), id: String(body['token_id']) };
}

const login = (token: string): object => ({ command: 'authenticate_token', token });

async function loggedIn(port: number, token: string): Promise<Client> {
  const client = await Client.connect(port);
  await client.ok(login(token));
  return client;
}

t.test('wrong tokens are one line, are counted as password attempts, and right ones are not', async (t) => {
  const { port, metrics } = await start(t, {
    SALOND_EXEMPT_ADDRESSES: '',
    SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '4',
  });
  const alice = await (await Client.connect(port)).enter('alice');
  const { token, id } = await tokenOf(alice);
  const device = await Client.connect(port);
  for (let each = 0; each < 8; each += 1) {
    await device.ok(login(token));
    await device.ok('log_out');
  }
  const replies: Line[] = [];
  for (let each = 0; each < 50 && replies.at(-1)?.code !== 14; each += 1) {
    const { secret } = newToken();
    replies.push(await device.request(login(each % 2 === 0 ? `${id}.${secret}` : tokenText(newToken().id, secret))));
  }
  const last = replies.pop();
  t.match(last, { code: 14, body: { error: 'too many password attempts from your address', retry_after: Number } });
  t.ok(replies.length >= 2);
  t.same([...new Set(replies.map(({ raw }) => raw))], ['4\t{"command":"authenticate_token","error":"wrong token"}']);
  t.equal((await device.request(login(token))).code, 14, 'a flood is refused whatever it sends');
  t.match(await metrics(), /limit="password_attempts_per_minute"\} 2\n/);
  for (const client of [alice, device]) client.destroy();
});

t.test('a user who is kept out reads 12 for a right token, and 4 for a wrong one', async (t) => {
  const { port, operator } = await start(t);
  const alice = await (await Client.connect(port)).enter('alice');
  const { token } = await tokenOf(alice);
  const device = await Client.connect(port);
  await operator.ok({ command: 'ban', target: 'alice', duration: 100 });
  const banned = await device.request(login(token));
  t.match(banned, { code: 12, body: { error: 'you are banned', retry_after: Number } });
  const wait = Number(banned.body['retry_after']);
  t.ok(wait > 0 && wait <= 100_000, String(wait));
  t.equal((await device.request(login(`${token}x`))).code, 4);
  await operator.ok({ command: 'ban', target: 'alice' });
  t.same((await device.request(login(token))).body, { command: 'authenticate_token', error: 'you are banned' });
  await operator.ok({ command: 'unban', target: 'alice' });
  await operator.ok({ command: 'disable_account', user: 'alice' });
  t.match(await device.request(login(token)), { code: 12, body: { error: 'an operator has disabled this account' } });
  await operator.ok({ command: 'enable_account', user: 'alice' });
  t.equal((await device.request(login(token))).code, 1, 'the token has outlasted it');
  device.destroy();
});

t.test('a user has max_tokens_per_user tokens at most, wherever it connects from', async (t) => {
  const { port, metrics } = await start(t, { SALOND_MAX_TOKENS_PER_USER: '2' });
  const alice = await (await Client.connect(port)).enter('alice');
  const { id } = await tokenOf(alice);
  await tokenOf(alice, { label: 'second' });
  t.match(await alice.request('create_token'), {
    code: 14,
    body: { error: 'this user has as many tokens as it may have, 2: delete one of them first', retry_after: 5000 },
  });
  t.match(await metrics(), /limit="max_tokens_per_user"\} 1\n/);
  await alice.ok({ command: 'delete_token', token_id: id });
  await tokenOf(alice, { label: 'third' });
  const { body } = await alice.ok('list_tokens');
  t.same((body['tokens'] as readonly { label: string }[]).map(({ label }) => label).sort(), ['second', 'third']);
  alice.destroy();
});

t.test('a token that expires ends its sessions, and no others', async (t) => {
  const rounds: (() => void)[] = [];
  const { setInterval: start } = globalThis;
  const value = (run: () => void, milliseconds: number): NodeJS.Timeout => {
    if (milliseconds === 60_000) rounds.push(run);
    return start(run, milliseconds);
  };
  const intervals = t.capture(globalThis, 'setInterval', value as typeof setInterval);
  const { daemon, port } = await startInProcess(temporaryFolder(t), openSqliteStore);
  intervals.restore();
  const alice = await (await Client.connect(port)).enter('alice');
  const [phone, kiosk] = [await tokenOf(alice), await tokenOf(alice, { label: 'kiosk', expires_in: 60 })];
  const [onPhone, onKiosk] = [await loggedIn(port, phone.token), await loggedIn(port, kiosk.token)];
  const { now } = Date;
  t.intercept(Date, 'now', { value: () => now() + 61_000 });
  for (const round of rounds) round();
  const reason = 'the token of this session has expired';
  t.match(await onKiosk.next(), { code: 199, body: { reason } });
  await onKiosk.closed;
  for (const each of [alice, onPhone]) t.equal((await each.request('ping')).code, 1);
  const { body } = await onPhone.ok('list_tokens');
  t.match(body['tokens'], [{ token_id: phone.id }]);
  await daemon.stop('test');
});

t.test('operators list and end tokens with their sessions; a new password and a deletion end all', async (t) => {
  const { port, operator } = await start(t);
  const alice = await (await Client.connect(port)).enter('alice');
  const [phone, laptop] = [await tokenOf(alice, { label: 'phone' }), await tokenOf(alice, { label: 'laptop' })];
  const [onPhone, onLaptop] = [await loggedIn(port, phone.token), await loggedIn(port, laptop.token)];
  const kiosk = await tokenOf(onPhone, { label: 'kiosk', expires_in: 60 });
  const onKiosk = await loggedIn(port, kiosk.token);
  const { body } = await operator.ok('list_tokens alice');
  const listed = body['tokens'] as readonly { token_id: string }[];
  t.same(listed.map(({ token_id: id }) => id).sort(), [phone.id, laptop.id, kiosk.id].sort());
  t.match(
    listed.find(({ token_id: id }) => id === kiosk.id),
    { label: 'kiosk', created: String, last_used: String, expires: String, sessions: 1 },
  );
  const after = { command: 'list_tokens', user: 'alice', after: listed[0]?.token_id, limit: 1 };
  t.match((await operator.ok(after)).body, { tokens: [{ token_id: listed[1]?.token_id }], more: true });

  const { body: ended } = await operator.ok({ command: 'end_tokens', user: 'alice', token_id: phone.id });
  t.same(ended, { command: 'end_tokens', username: 'alice', tokens: 2, sessions: 2 });
  for (const client of [onPhone, onKiosk]) {
    t.match(await client.next(), { code: 199, body: { reason: 'the token of this session was deleted' } });
    await client.closed;
  }
  t.equal((await operator.request({ command: 'end_tokens', user: 'alice', token_id: phone.id })).code, 11);
  t.equal((await operator.request({ command: 'end_tokens', user: 'nobody' })).code, 11);
  t.equal((await onLaptop.request('ping')).code, 1);
  const { body: open } = await operator.ok({ command: 'list_sessions', user: 'ALICE' });
  t.match(open, { sessions: { length: 2 }, more: false }, 'two of hers are left');

  await operator.ok({ command: 'set_password', user: 'alice', password: 'another password' });
  await Promise.all([alice.closed, onLaptop.closed]);
  const device = await Client.connect(port);
  t.equal((await device.request(login(laptop.token))).code, 4);
  await device.ok('authenticate_user alice another password');
  const last = await tokenOf(device);
  t.match((await operator.ok('end_tokens alice')).body, { tokens: 1, sessions: 0 });
  t.match((await operator.ok('end_tokens alice')).body, { tokens: 0, sessions: 0 });
  t.equal((await device.request('ping')).code, 1, 'a session by password goes on');
  const next = await tokenOf(device);
  await operator.ok('delete_account alice');
  await device.closed;
  const guest = await Client.connect(port);
  for (const { token } of [last, next]) t.equal((await guest.request(login(token))).code, 4);
  guest.destroy();
});

/** How many clients are in a room. */
const together = 20;

interface Device {
  readonly username: string;
  readonly room: string;
  readonly token: string;
  /** What it has dealt with, by place: the message of the id n stands at n − 1. */
  readonly seen: string[];
  /** Its own messages that have no reply yet. */
  readonly unanswered: string[];
}

/** Makes a user and a token for each device. */
async function makeDevices(data: string, clients: number): Promise<readonly Device[]> {
  const password = await new Passwords({ logN: 10, r: 8, p: 1 }, 1).hash('of no use');
  const store = await SqliteStore.open(data);
  const devices = await Promise.all(
    Array.from({ length: clients }, async (_, each): Promise<Device> => {
      const username = `device-${each}`;
      const user = { ...nameForms(username), firstName: 'D', lastName: 'D', password };
      const { id, secret } = newToken();
      const token = { id, user: (await store.directory.createUser(user)) ?? 0, parent: undefined, ...keysOf(secret) };
      await store.tokens.add({ ...token, label: '', settings: '', created: Date.now(), expires: undefined }, 1);
      const room = `room-${each % Math.ceil(clients / together)}`;
      return { username, room, token: tokenText(id, secret), seen: [], unanswered: [] };
    }),
  );
  await store.close();
  return devices;
}

/** Deals with a line as PROTOCOL.md §9 says. Throws where a message is missing, or comes twice. */
function deal({ seen, unanswered, username }: Device, { code, body }: Line): void {
  const isOwn = code === 1 && body['command'] === 'chatroom_message';
  if (code !== 100 && code !== 110 && !isOwn) return;
  const id = Number(body['id']);
  const text = isOwn ? unanswered.shift() : String(body['message']);
  if (isOwn && body['duplicate'] === true && seen[id - 1] === text) return;
  if (id !== seen.length + 1) throw new Error(`${username} has read ${seen.length}, and then ${id}`);
  seen.push(text ?? '');
}

/** Logs in, joins behind what was seen, and sends what has no reply, and more. */
async function comeBack(device: Device, port: number, texts: readonly string[]): Promise<Client> {
  const { username, room, token, seen, unanswered } = device;
  const client = await Client.connect(port);
  unanswered.push(...texts);
  client.send(
    login(token),
    { command: 'join_chatroom', username, room, after: seen.length },
    ...unanswered.map((message) => ({ command: 'chatroom_message', username, room, message, key: message })),
  );
  return client;
}

/** Deals with lines until it holds, or the connection ends. */
async function readUntil(device: Device, client: Client, holds: () => boolean): Promise<void> {
  while (!holds()) {
    const line = await client.next().catch(() => undefined);
    if (line === undefined) return;
    if (line.code < 100 && line.code !== 1) throw new Error(`${device.username} was answered ${line.raw}`);
    deal(device, line);
  }
}

/**
 * Has clients come back by token after the daemon was stopped, or killed, while their messages were on their way. Each
 * must see every message once, and all of a room in one order.
 */
async function comesBack(
  t: Test,
  clients: number,
  begin: (t: Test, options: { readonly data: string }) => RunningDaemon,
  signal: NodeJS.Signals,
): Promise<void> {
  const data = temporaryFolder(t);
  const devices = await makeDevices(data, clients);
  const first = begin(t, { data });
  const port = await first.port();
  const before = await Promise.all(devices.map((device) => comeBack(device, port, [`${device.username} is here`])));
  const dealing = devices.map(async (device, each) => {
    const client = before[each] as Client;
    await readUntil(device, client, () => device.unanswered.length === 0);
    // What is on its way when the daemon ends may be stored and have no reply, or not be stored.
    for (const text of ['one more', 'and more']) {
      const message = `${device.username} says ${text}`;
      device.unanswered.push(message);
      client.send({ command: 'chatroom_message', username: device.username, room: device.room, message, key: message });
    }
    if (each === clients >> 1) void first.stop(signal);
    await readUntil(device, client, () => false);
  });
  await Promise.all(dealing);
  await first.exited;

  const second = begin(t, { data });
  const again = await second.port();
  if (signal === 'SIGTERM') {
    const operator = await Client.connect(join(data, 'control'));
    t.match((await operator.ok('list_tokens device-0')).body, { tokens: [{ last_used: String }] }, 'uses are on disk');
    operator.destroy();
  }
  const after = await Promise.all(devices.map((device) => comeBack(device, again, [`${device.username} is back`])));
  // Four of each device.
  const all = (device: Device): number => 4 * devices.filter(({ room }) => room === device.room).length;
  await Promise.all(
    devices.map((device, each) => readUntil(device, after[each] as Client, () => device.seen.length === all(device))),
  );
  const byRoom = new Map<string, string>();
  for (const { room, seen, username } of devices) {
    const told = byRoom.get(room) ?? seen.join('\n');
    byRoom.set(room, told);
    if (seen.join('\n') !== told) t.fail(`${username} saw another order`);
    if (new Set(seen).size !== seen.length) t.fail(`${username} saw a message twice`);
  }
  t.same(
    devices.map((device) => device.seen.length),
    devices.map(all),
  );
  for (const client of after) client.destroy();
}

t.test('clients who come back by token after a stop see every message once, in order', (t) =>
  comesBack(t, Number(process.env['CLIENTS'] ?? 60), hostDaemon, 'SIGTERM'),
);

t.test('so do they after a kill -9', (t) => comesBack(t, Number(process.env['CLIENTS'] ?? 40), startDaemon, 'SIGKILL'));
