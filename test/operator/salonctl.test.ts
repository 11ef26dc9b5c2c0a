// The operator's program, as it is typed: what it prints, how it ends, and what its files are good for.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { curve, picture } from '../../src/salonctl/watch.js';
import { duration, shown } from '../../src/salonctl/show.js';
import { typed, UsageError } from '../../src/salonctl/words.js';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';

t.jobs = 4;
const buffered = { buffered: true };

interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

async function salonctl(t: Test, args: readonly string[], { socket = '/nowhere', input = '' }: { readonly socket?: string; readonly input?: string } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'bin/salonctl'), '--socket', socket, ...args], { stdio: 'pipe' });
  t.teardown(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text; });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [status] = await once(child, 'close') as [number | null];
  return { status, out, err };
}

t.test('words become requests, and what is wrong with them is said', async (t) => {
  const requests: Readonly<Record<string, object>> = {
    'status': { command: 'status' },
    'kick alice --reason enough': { command: 'kick', target: 'alice', reason: 'enough' },
    'ban 192.0.2.0/24 --duration 2h': { command: 'ban', target: '192.0.2.0/24', duration: 7200 },
    'drain --over 2m': { command: 'drain', over: 120 },
    'announce The server restarts at noon.': { command: 'announce', text: 'The server restarts at noon.' },
    'users create alice Alice Liddell': { command: 'create_account', username: 'alice', first_name: 'Alice', last_name: 'Liddell' },
    'users': { command: 'list_accounts' },
    'sessions --after 7 --limit 10': { command: 'list_sessions', after: 7, limit: 10 },
    'rooms close lobby --reason dusty': { command: 'close_room', room: 'lobby', reason: 'dusty' },
  };
  for (const [line, request] of Object.entries(requests)) t.same(typed(line.split(' '))?.request, request, line);
  t.equal(typed(['dance']), undefined);
  for (const wrong of ['kick', 'status now', 'drain --over', 'drain --over soon', 'users create alice', 'sessions --after x']) {
    let said: unknown;
    try {
      typed(wrong.split(' '));
    } catch (error) {
      said = error;
    }
    t.ok(said instanceof UsageError, wrong);
  }
});

t.test('replies become tables, and nothing in them acts on the terminal', async (t) => {
  const evil = 'a\u001b]0;title\u0007\u001b[2J\u202e\n\u009b';
  const rows = [{ username: 'alice', reason: evil, seconds: 3723, rooms: 12_345 }, { username: 'b', address: '::1', encrypted: true }];
  const lines = shown({ command: 'x', sessions: rows, more: false });
  t.same(lines[0]?.split(/ +/), ['USERNAME', 'REASON', 'SECONDS', 'ROOMS', 'ADDRESS', 'ENCRYPTED']);
  t.match(lines[1], /^alice +a\\u001b\]0;title\\u0007\\u001b\[2J\\u202e\\u000a\\u009b +1h 2m +12,345$/);
  t.match(lines[2], /^b +::1 +yes$/);
  t.same(shown({ command: 'x', bans: [], more: false }), ['none']);
  t.same(shown({ command: 'x', applied: ['log_level', 'greeting'], restart: [] }), ['applied  log_level, greeting', 'restart  none']);
  t.same(shown({ command: 'x', memory: 73_400_320, created: '2026-11-25T06:28:42.000Z' }), ['memory   70.0 MiB', 'created  2026-11-25 06:28:42']);
  t.same(shown({ command: 'x', bytes: 49_152 }), ['bytes  48.0 KiB']);
  t.same([0, 59, 60, 3600, 86_399, 90_000].map(duration), ['0s', '59s', '1m', '1h', '23h 59m', '1d 1h']);
  t.equal(curve([0, 4, 8]), '▁▅█');
  t.notMatch(picture({ version: evil, state: evil, durability: evil }, []).join('\n'), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
});

async function begin(t: Test): Promise<{ readonly daemon: Daemon; readonly port: number; readonly socket: string }> {
  const daemon = startDaemon(t);
  return { daemon, port: await daemon.port(), socket: await daemon.control() };
}

t.test('tables for people, JSON for programs, and a status that tells', buffered, async (t) => {
  const { port, socket } = await begin(t);
  t.match(await salonctl(t, ['users', 'create', 'alice', 'Alice', 'Liddell'], { socket, input: 'rabbit-hole\n' }), { status: 0, out: 'username  alice\n', err: '' });
  t.equal((await (await Client.connect(port)).request('authenticate_user alice rabbit-hole')).code, 1);
  t.match(await salonctl(t, ['users', 'create', 'a1ice', 'A', 'B'], { socket, input: 'rabbit-hole' }), { status: 1, out: '', err: /^salonctl: this name is taken/ });
  t.match(await salonctl(t, ['users', 'create', 'bob', 'A', 'B'], { socket }), { status: 64, err: /standard input/ });
  t.match(await salonctl(t, ['users'], { socket }), { status: 0, out: /^USERNAME +FIRST NAME +LAST NAME +STATE +SESSIONS +CREATED\nalice +Alice +Liddell +active +1 +20/ });
  const { status, out } = await salonctl(t, ['--json', 'sessions'], { socket });
  t.equal(status, 0);
  t.match(JSON.parse(out), { sessions: [{ session: 1, username: 'alice', address: '127.0.0.1' }] });
  t.match(await salonctl(t, ['kick', 'nobody'], { socket }), { status: 1, err: 'salonctl: no session is of that user, address or number\n' });
  t.match(await salonctl(t, ['kick'], { socket }), { status: 64, err: 'salonctl: kick needs TARGET\n' });
  t.match(await salonctl(t, ['dance'], { socket }), { status: 64, err: /no command dance/ });
  t.match(await salonctl(t, ['status']), { status: 69, err: 'salonctl: /nowhere: it is not there: is the daemon running?\n' });
  t.match(await salonctl(t, ['--help']), { status: 0, out: /^Usage: salonctl/ });
});

t.test('lists of several pages are one list', buffered, async (t) => {
  const { port, socket } = await begin(t);
  const alice = await (await Client.connect(port)).enter('alice');
  const names = Array.from({ length: 150 }, (_, each) => `room${String(each).padStart(3, '0')}`);
  for (const room of names) await alice.ok({ command: 'join_chatroom', username: 'alice', room });
  const { out } = await salonctl(t, ['--json', 'rooms'], { socket });
  t.same((JSON.parse(out) as { rooms: { room: string }[] }).rooms.map(({ room }) => room), names);
});

const strange = '\0é\u2028"\\\u{1f600}\ufffe';

/** A daemon with two users, two rooms, a ban and some hundred messages, of which one in seven has a key. */
async function filled(t: Test): Promise<{ readonly daemon: Daemon; readonly socket: string; readonly port: number }> {
  const { daemon, port, socket } = await begin(t);
  const alice = await (await Client.connect(port)).enter('Alice', 'Lobby', 'attic');
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  for (let each = 0; each < 300; each += 1) {
    const key = each % 7 === 0 ? { key: `key ${each}` } : {};
    (each % 3 === 0 ? bob : alice).send({ command: 'chatroom_message', username: each % 3 === 0 ? 'bob' : 'alice', room: 'lobby', message: `${strange}${each}`, ...key });
  }
  await alice.say('alice', 'attic', 'dust');
  await bob.ok('ping');
  await salonctl(t, ['ban', '192.0.2.0/24', '--reason', 'spam'], { socket });
  return { daemon, socket, port };
}

/** All that a client can read of a daemon with that data, its users' passwords tried. */
async function contents(t: Test, data: string): Promise<unknown> {
  const daemon = startDaemon(t, { data });
  const port = await daemon.port();
  const reader = await Client.connect(port);
  await reader.ok('authenticate_user alice Alice password');
  const rooms = [];
  for (const room of ['lobby', 'attic']) {
    reader.send({ command: 'join_chatroom', username: 'alice', room, after: 0 });
    rooms.push((await reader.reply()).body);
  }
  const messages = reader.lines.filter(({ code }) => code === 110).map(({ body }) => body);
  const duplicate = await (await Client.connect(port)).enter('bob', 'lobby').then((bob) => bob.say('bob', 'lobby', `${strange}21`, { key: 'key 21' }));
  const operator = await Client.connect(await daemon.control());
  const owners = (await operator.ok('show_room lobby')).body;
  const bans = (await operator.ok('list_bans')).body;
  const accounts = (await operator.ok('list_accounts')).body['accounts'] as { sessions: number }[];
  await daemon.stop();
  return { rooms, messages, duplicate: duplicate.body, bans, owners: owners['owners'], accounts: accounts.map((each) => ({ ...each, sessions: 0 })) };
}

t.test('a backup of a running daemon is all that was answered, and is restored', buffered, async (t) => {
  const { daemon, socket } = await filled(t);
  const folder = temporaryFolder(t);
  const file = join(folder, 'backup.db');
  t.match(await salonctl(t, ['--json', 'backup', file], { socket }), { status: 0, out: /"bytes":\d+/ });
  t.equal(statSync(file).mode & 0o777, 0o600);
  t.match(await salonctl(t, ['backup', file], { socket }), { status: 73, err: /is there already/ });
  t.match(await salonctl(t, ['backup', '/nowhere/backup.db'], { socket }), { status: 73 });
  t.same(readdirSync(daemon.data).sort().filter((name) => name.startsWith('backup')), [], 'no copy stays beside the data');
  t.match(await salonctl(t, ['restore', file, '--data', daemon.data, '--replace']), { status: 65, err: /in use/ });
  await daemon.stop();

  const data = join(folder, 'data');
  t.match(await salonctl(t, ['restore', file, '--data', data]), { status: 0 });
  t.same(await contents(t, data), await contents(t, daemon.data));
  t.match(await salonctl(t, ['restore', file, '--data', data]), { status: 65, err: /--replace moves it aside/ });
  t.match(await salonctl(t, ['restore', file, '--data', data, '--replace']), { status: 0, out: /replaced +salond\.db-replaced-/ });
  t.equal(readdirSync(data).filter((name) => /^salond\.db-replaced-[^.]+$/.test(name)).length, 1);

  const damaged = join(folder, 'damaged.db');
  const changed = readFileSync(file);
  changed.write('rust', changed.indexOf('"dust"') + 1);
  writeFileSync(damaged, changed);
  t.match(await salonctl(t, ['restore', damaged, '--data', join(folder, 'other')]), { status: 65, err: /damaged/ });
  t.notOk(existsSync(join(folder, 'other/salond.db')));
  t.match(await salonctl(t, ['restore', join(root, 'package.json'), '--data', join(folder, 'other')]), { status: 65, err: /is not a database/ });
});

t.test('an export is everything, and an import is what was exported', buffered, async (t) => {
  const { daemon, socket } = await filled(t);
  const folder = temporaryFolder(t);
  const [file, again, backup] = ['export.jsonl', 'again.jsonl', 'backup.db'].map((name) => join(folder, name)) as [string, string, string];
  t.match(await salonctl(t, ['--json', 'export', file], { socket }), { status: 0, out: /"lines":3\d\d}/ });
  await salonctl(t, ['backup', backup], { socket });
  await daemon.stop();
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  t.same(lines[0], { salond: 'export', format: 2 });
  t.match(lines.at(-1), { in: 'end', lines: lines.length - 1, sha256: /^[0-9a-f]{64}$/ });
  t.equal(lines.filter((line) => line['in'] === 'messages').length, 301);
  t.match(lines.find((line) => line['in'] === 'messages'), { room: 1, id: 1, author: Number, time: Number, message: String });

  const data = join(folder, 'data');
  t.match(await salonctl(t, ['--json', 'import', file, '--data', data]), { status: 0, out: /"messages":301/ });
  t.match(await salonctl(t, ['export', again, '--from', backup]), { status: 0 });
  t.equal(readFileSync(again, 'utf8'), readFileSync(file, 'utf8'), 'of a backup too');
  t.match(await salonctl(t, ['import', file, '--data', data]), { status: 65, err: /is there already/ });
  t.same(await contents(t, data), await contents(t, daemon.data));

  const text = readFileSync(file, 'utf8');
  const wrong: Readonly<Record<string, string>> = {
    'empty': '', 'no export': '{"in":"users"}\n', 'another format': text.replace('"format":2', '"format":3'), 'no JSON': text.replace('"in":"users"', 'in'),
    'a user left out': text.replace(/^.*"in":"users".*\n/m, ''), 'a message left out': text.replace(/^.*"in":"messages".*"id":2,.*\n/m, ''),
    'a table that there is not': text.replace('"in":"bans"', '"in":"hats"'),
  };
  for (const [what, lineText] of Object.entries(wrong)) {
    const path = join(folder, 'wrong.jsonl');
    writeFileSync(path, lineText);
    t.match(await salonctl(t, ['import', path, '--data', join(folder, 'wrong')]), { status: 65, err: /^salonctl: [^\n]+\n$/ }, what);
    t.notOk(existsSync(join(folder, 'wrong/salond.db')), `${what}: nothing is left`);
  }
});

t.test('stats --watch draws again and again, and ends with the daemon', buffered, async (t) => {
  const { daemon, socket } = await begin(t);
  const child = spawn(process.execPath, [join(root, 'bin/salonctl'), '--socket', socket, 'stats', '--watch'], { stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
  while (!out.includes('\u001b[7A')) await once(child.stdout, 'data');
  t.match(out, /salond [\d.]+, running/);
  t.match(out, /messages\/s +0/);
  await daemon.stop();
  const [status] = await once(child, 'close') as [number];
  t.equal(status, 69);
});
