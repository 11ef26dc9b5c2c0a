// Tests how salonctl shows replies: sentences with units, aligned tables, and times in the local time zone.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { answer } from '../../src/salonctl/answers.js';
import { cut, table, width } from '../../src/salonctl/table.js';
import { counted, duration, localTime, size } from '../../src/salonctl/units.js';
import { curve, picture } from '../../src/salonctl/watch.js';
import { typedCommands } from '../../src/salonctl/words.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import { encodeEvent } from '../../src/wire/encode-event.js';
import { folderOf010 } from '../store/older-folder.js';
import { Client } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { salonctl, salonctlHere } from '../support/salonctl.js';

const evil = 'a\u001b]0;title\u0007\u001b[2J\u202e\n\u009b\u2028';
/** Matches characters that can control a terminal. */
const controlling = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

t.test('numbers are shown with units', async (t) => {
  t.same([0, 0.9, 59, 60, 305, 3600, 86_399, 273_600, 9e6, -5, NaN].map(duration), [
    '0 s',
    '0 s',
    '59 s',
    '1 min',
    '5 min 5 s',
    '1 h',
    '23 h 59 min',
    '3 d 4 h',
    '104 d 4 h',
    '0 s',
    '0 s',
  ]);
  t.same([0, 1, 1023, 1024, 73_400_320, 2 ** 20 - 1, 2 ** 40, 84_567_801_856].map(size), [
    '0 bytes',
    '1 byte',
    '1,023 bytes',
    '1.0 KiB',
    '70.0 MiB',
    '1.0 MiB',
    '1.0 TiB',
    '78.8 GiB',
  ]);
  t.same(
    [0, 1, 2, 12_345].map((count) => counted(count, 'session')),
    ['0 sessions', '1 session', '2 sessions', '12,345 sessions'],
  );
});

t.test('replies to commands are shown as sentences', async (t) => {
  const sentences: readonly (readonly [command: string, results: object, lines: readonly string[]])[] = [
    ['disable_account', { username: 'bob', sessions: 2 }, ['bob is disabled; 2 sessions ended']],
    ['close_room', { room: 'lobby', sessions: 1 }, ['lobby is closed; 1 session had to leave it']],
    [
      'reload',
      { applied: ['log_level', 'greeting'], restart: ['listen'] },
      ['applied: log_level, greeting', 'applied at the next restart only: listen'],
    ],
    ['reload', { applied: [], restart: [] }, ['the settings are read again; none has changed']],
    [
      'reload',
      { applied: [], restart: [], warnings: ['a 2 is above b 1'] },
      ['the settings are read again; none has changed', 'warning: a 2 is above b 1'],
    ],
    ['ban', { target: 'bob', sessions: 0 }, ['bob is banned until it is unbanned; 0 sessions ended']],
    [
      'ban',
      {
        kind: 'network',
        target: '192.0.2.0/24',
        asked: '192.0.2.1/24',
        sessions: 0,
        replaced: { reason: 'spam', created: 'x' },
        wider: ['192.0.0.0/16'],
        narrower: ['192.0.2.7'],
        narrower_count: 1,
      },
      [
        'network 192.0.2.0/24 (asked for: 192.0.2.1/24) is banned until it is unbanned; 0 sessions ended',
        'this replaces a ban until it is unbanned; its reason was: spam',
        'a wider ban keeps it out too: 192.0.0.0/16',
        'bans inside it stay (1): 192.0.2.7',
      ],
    ],
    ['kick', { kind: 'session', target: '#7', sessions: 1 }, ['1 session ended (session #7)']],
    [
      'kick',
      { kind: 'user', target: 'bob', sessions: 0, places: 2 },
      ['0 sessions ended; left 2 rooms that kept its place (user bob)'],
    ],
    ['unban', { kind: 'user', target: 'user:10.0.0.5' }, ['user 10.0.0.5 is no longer banned']],
    ['reset_time', { back: 3600 }, ["new messages have the time of the machine's clock again, 1 h earlier"]],
    ['reset_time', { back: 0 }, ["new messages have the time of the machine's clock, as before"]],
    ['unban', { kind: 'user', target: 'bob' }, ['user bob is no longer banned']],
    [
      'drain',
      { sessions: 3, over: 60, changed: true },
      ['the drain under way has a new time: 3 connections will be closed within 1 min, then the daemon stops'],
    ],
    [
      'drain',
      { sessions: 12, over: 120 },
      ['draining: 12 connections will be closed within 2 min, then the daemon stops'],
    ],
    ['drain', { sessions: 0, over: 30, changed: false }, ['draining: nobody is connected, and the daemon stops']],
    ['backup', { file: 'backup.db', bytes: 3_250_586 }, ['backup.db: 3.1 MiB, checked']],
    ['import', { data: '/d', messages: 15_004 }, ['imported to /d: 15,004 messages']],
  ];
  for (const [command, results, lines] of sentences) t.same(answer(command, { command, ...results }, Infinity), lines);
  for (const [its, name] of typedCommands) {
    const text = answer(name, { ...operatorSpecs[name].example.reply }, Infinity).join('\n');
    t.notMatch(text, /undefined|null|NaN|\[object/, its);
    t.not(text, '', its);
  }
});

t.test('results that belong to no sentence are shown with their names', async (t) => {
  t.same(
    answer(
      'kick',
      {
        command: 'kick',
        sessions: 2,
        instead: { until: '2026-11-25T06:28:42.000Z', reason: 'spam' },
        last_success: 75,
        strange: null,
      },
      20,
    ),
    [
      '2 sessions ended',
      `instead       until: ${localTime('2026-11-25T06:28:42.000Z')}, reason: spam`,
      'last success  1 min 15 s ago',
      'strange',
    ],
    'they are not cut, even on a narrow terminal',
  );
  t.same(answer('new_command', { command: 'new_command' }, Infinity), ['done']);
  t.match(answer('new_command', { command: 'new_command', done: true }, Infinity), ['done  yes']);
  const status = answer(
    'status',
    { command: 'status', version: '9', writable: false, problem: 'the disk is full', clock_behind: 7200, hats: 3 },
    Infinity,
  ).join('\n');
  t.match(status, /^writing +FAILS: the disk is full$/m);
  t.match(status, /^clock +2 h behind the newest message$/m);
  t.match(status, /^hats +3$/m);
  for (const command of ['constructor', '__proto__', 'toString'])
    t.same(answer(command, { bytes: 49_152 }, Infinity), ['bytes  48.0 KiB']);
});

t.test('a setting that is no limit is shown as such', async (t) => {
  const lines = answer(
    'set_room',
    { command: 'set_room', room: 'lobby', max_users: 0, slow_seconds: 0, keep_seconds: 86_400 },
    Infinity,
  );
  t.same(lines, ['room          lobby', 'max users     no limit', 'slow seconds  0 s', 'keep seconds  1 d']);
});

t.test('lists are shown as tables, and an empty list as a sentence', async (t) => {
  const rows = [
    { username: 'alice', reason: evil, seconds: 3723, rooms: 12_345 },
    { username: 'b', address: '::1', encrypted: true },
  ];
  const lines = answer('x', { command: 'x', sessions: rows, more: false }, Infinity);
  t.same(lines[0]?.split(/ {2,}/), ['USERNAME', 'REASON', 'CONNECTED FOR', 'ROOMS', 'ADDRESS', 'ENCRYPTED']);
  t.match(lines[1], /^alice +a\\u001b\]0;title\\u0007\\u001b\[2J\\u202e\\u000a\\u009b\\u2028 +1 h 2 min +12,345$/);
  t.match(lines[2], /^b +::1 +yes$/);
  const topic = '2026-11-25T06:28:42.000Z';
  t.match(
    answer('list_rooms', { rooms: [{ room: 'a', topic }], more: false }, Infinity)[1],
    new RegExp(`${topic}$`),
    'a text that looks like a time is shown as text',
  );
  const [guest, user] = [
    { session: 1, address: '::1' },
    { session: 2, username: 'bob', address: '::2' },
  ];
  t.match(
    answer('list_sessions', { sessions: [guest, user], more: false }, Infinity)[0],
    /^SESSION +USERNAME +ADDRESS$/,
    'the order of columns does not depend on the first row',
  );
  for (const [name, said] of [
    ['bans', 'no bans'],
    ['rooms', 'no rooms'],
    ['accounts', 'no users'],
    ['sessions', 'no connections'],
    ['hats', 'none'],
  ] as const) {
    t.same(answer('x', { [name]: [], more: false }, Infinity), [said]);
  }
});

t.test('columns are aligned in any script, and are cut to the width of the terminal', async (t) => {
  const widths: Readonly<Record<string, number>> = {
    bob: 3,
    李雷: 4,
    한국: 4,
    é: 1,
    'e\u0301': 1,
    ﾊﾝ: 2,
    Ａ: 2,
    '👩‍👩‍👧': 2,
    '🇫🇷': 2,
    '❤\ufe0f': 2,
    ก็: 1,
    שלום: 4,
    '…': 1,
    '': 0,
  };
  for (const [text, columns] of Object.entries(widths)) t.equal(width(text), columns, JSON.stringify(text));
  const lines = table(
    [
      ['NAME', 'X'],
      ['李雷', '1'],
      ['e\u0301va', '2'],
      ['bob', '3'],
    ],
    Infinity,
  );
  t.same(lines, ['NAME  X', '李雷  1', 'e\u0301va   2', 'bob   3']);
  t.equal(cut('李雷李雷', 5), '李雷…');
  t.equal(cut('李雷李雷', 6), '李雷…', 'a wide character is not cut in half');
  t.equal(cut('bob', 3), 'bob');
  const bans = [
    {
      target: '192.0.2.0/24',
      reason: 'x'.repeat(500),
      created: '2026-11-25T06:28:42.000Z',
      until: '2026-11-25T07:28:42.000Z',
    },
  ];
  const shown = answer('list_bans', { bans, more: false }, 80);
  for (const line of shown) t.ok(width(line) <= 80, line);
  t.match(
    shown[1],
    /^192\.0\.2\.0\/24 {2}x+… {2}2026-11-25 \d\d:\d\d \S+ {2}2026-11-25 \d\d:\d\d \S+$/,
    'the reason is cut, but no time',
  );
  t.match(answer('list_bans', { bans, more: false }, Infinity)[1], /x{500}/, 'without a terminal nothing is cut');
  const long = {
    target: '2001:db8:ffff::/48',
    kind: 'network',
    reason: 'x'.repeat(500),
    created: bans[0]?.created,
    until: bans[0]?.until,
  };
  t.match(
    answer('list_bans', { bans: [long, bans[0] ?? {}], more: false }, 80)[1],
    /^2001:db8:ffff::\/48 +network +x+… +2026-11-25 \d\d:\d\d \S+ +2026-11-25 \d\d:\d\d \S+$/,
    'the target of a ban is not cut, so that it can be typed again',
  );
  const account = { username: '宽'.repeat(32), first_name: 'F', last_name: 'L', state: 'disabled', sessions: 0 };
  t.match(
    answer('list_accounts', { accounts: [{ ...account, created: long.created }], more: false }, 80)[1],
    /^宽+… .* disabled +0 +2026-11-25 \d\d:\d\d \S+$/,
    'a long name is cut, but no time',
  );
  for (const columns of [1, 10, 20, 40])
    for (const line of answer('list_bans', { bans, more: false }, columns)) t.ok(width(line) <= columns, line);
});

t.test('text from users and daemons can not control the terminal', async (t) => {
  t.notMatch(
    picture({ version: evil, state: evil, durability: evil, uptime: evil, users: evil }, []).join('\n'),
    controlling,
  );
  for (const [, name] of typedCommands) {
    const results = {
      ...operatorSpecs[name].example.reply,
      [evil]: evil,
      username: evil,
      target: evil,
      room: evil,
      reason: [evil],
      refused: { [evil]: 1 },
    };
    t.notMatch(answer(name, results, 80).join('\n'), controlling, name);
  }
  t.equal(curve([0, 4, 8]), '▁▅█');
});

t.test('curves fill the width of the terminal, and end with the newest value', async (t) => {
  const rates = Array.from({ length: 60 }, (_, each) => ({ messages: each, lines: each }));
  const now = {
    version: '1',
    state: 'running',
    uptime: 1,
    pid: 1,
    durability: 'full',
    users: 1,
    rooms: 1,
    sessions: 1,
  };
  for (const columns of [40, 79, 200]) {
    const [, , , messages = ''] = picture(now, rates, columns);
    t.equal(width(messages), Math.min(columns, 85), `${columns} columns`);
    t.match(messages, /^messages\/s +59 +\S*█$/);
  }
});

t.test('results that an older daemon does not send are left out', async (t) => {
  const status = answer('status', { command: 'status', version: '0.1.0', sessions: 0 }, Infinity).join('\n');
  t.notMatch(status, /refused|last commit|disk room|writing/);
  t.match(
    answer('status', { disk_free: null, last_commit: 3, refused: {} }, Infinity).join('\n'),
    /disk room +unknown/,
  );
  t.match(answer('status', { search: 49_448 }, Infinity).join('\n'), /^search +48\.3 KiB$/m);
});

t.test('the data of a running daemon of 0.1.0 is exported as the present one exports it', async (t) => {
  const bytes = readFileSync(join(await folderOf010(t, [], ['Lobby'], 'DELETE FROM roles'), 'salond.db'));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const socket = join(temporaryFolder(t), 'control');
  const server = createServer((connection) => {
    connection.once('data', () => {
      const pieceBytes = 20_000;
      for (let at = 0; at < bytes.length; at += pieceBytes)
        connection.write(encodeEvent('piece', { data: bytes.toString('base64', at, at + pieceBytes) }));
      connection.write(`1\t${JSON.stringify({ command: 'back_up', bytes: bytes.length, sha256 })}\n`);
    });
    connection.on('end', () => connection.end());
  }).listen(socket);
  t.teardown(() => server.close());
  await once(server, 'listening');
  const folder = temporaryFolder(t);
  const file = join(folder, 'export.jsonl');
  t.match(await salonctlHere(['export', file], { socket }), { status: 0, err: '' });
  t.match(readFileSync(file, 'utf8'), /"in":"rooms","id":1,"name":"Lobby"/);
  t.same(readdirSync(folder), ['export.jsonl'], 'and no copy is left');
});

t.test('times are shown in the local time zone, with its name', async (t) => {
  const daemon = hostDaemon(t);
  const socket = await daemon.control();
  await (await Client.connect(await daemon.port())).enter('alice');
  const zones: Readonly<Record<string, RegExp>> = {
    UTC: / UTC$/,
    'Europe/Paris': / CES?T$/,
    'America/New_York': / E[SD]T$/,
    'Asia/Tokyo': / \+09:00$/,
    'Asia/Kathmandu': / \+05:45$/,
    'America/St_Johns': / -0[23]:30$/,
    'Asia/Kolkata': / IST$/,
  };
  const { body } = await (await Client.connect(socket)).ok('list_accounts');
  const [{ created = '' } = {}] = body['accounts'] as { readonly created?: string }[];
  for (const [zone, name] of Object.entries(zones)) {
    const { out } = await salonctl(t, ['users'], { socket, env: { TZ: zone } });
    const [, shown = ''] = /(\d{4}-\d\d-\d\d \d\d:\d\d \S+)\n$/.exec(out) ?? [];
    t.match(shown, name, zone);
    const there = new Date(created).toLocaleString('sv-SE', { timeZone: zone });
    t.ok(shown.startsWith(there.slice(0, -3)), `${zone}: ${shown} is ${there}`);
  }
  t.match(
    (await salonctl(t, ['users', '--json'], { socket, env: { TZ: 'Asia/Tokyo' } })).out,
    /"created":"[^"]+Z"/,
    'times in JSON are in UTC',
  );
});

t.test("rooms shows closed rooms; status shows the disk's free space, refusals and the last commit", async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_CONNECTIONS: '2' } });
  const [socket, port] = [await daemon.control(), await daemon.port()];
  t.match((await salonctlHere(['status'], { socket })).out, /^last commit +\d+(?:\.\d)? (?:s|min) (?:\d+ s )?ago$/m);
  const alice = await (await Client.connect(port)).enter('alice', 'attic', 'lobby');
  await Client.connect(port);
  await (await Client.connect(port)).closed;
  t.match(await salonctlHere(['rooms', 'close', 'attic'], { socket }), {
    out: 'attic is closed; 1 session had to leave it\n',
  });
  t.same(
    (await salonctlHere(['rooms'], { socket })).out.split('\n').map((line) => line.trimEnd().split(/ +/)),
    [['ROOM', 'STATE', 'USERS', 'TOPIC'], ['attic', 'closed', '0'], ['lobby', 'open', '1'], ['']],
  );
  await alice.say('alice', 'lobby', 'hello');
  const { out } = await salonctl(t, ['status'], { socket });
  t.match(out, /^last commit +\d+(?:\.\d)? (?:s|min) (?:\d+ s )?ago$/m);
  t.match(out, /^refused +1 connection \(.+: 1\)$/m);
  t.match(out, /^disk room +[\d.]+ [KMGTP]iB left$/m);
  const { body } = await (await Client.connect(socket)).ok('status');
  t.match(body, { disk_free: Number, last_commit: Number, refused: {} });
  t.same(Object.values(body['refused'] as object), [1]);
});
