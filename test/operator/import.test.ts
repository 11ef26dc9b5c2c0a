// Tests `salonctl import`: it checks the end of an export and every line against the contract. A wrong export is
// refused with the line's number and status 65, and nothing of it stays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BadData } from '../../src/salonctl/errors.js';
import { exportAll, importAll } from '../../src/salonctl/export.js';
import { craftedHash } from '../support/crafted-hash.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { filledFolder, linesOf, messagesIn, namesIn, sealed, type Line } from '../support/files.js';
import { salonctl } from '../support/salonctl.js';

const noDaemon = (): never => {
  throw new Error('no daemon is needed');
};

interface Base {
  readonly folder: string;
  readonly text: string;
  readonly lines: readonly Line[];
}

/** Creates an export of a filled data folder, which the tests change. */
async function makeBase(t: Test): Promise<Base> {
  const folder = temporaryFolder(t);
  const file = join(folder, 'export.jsonl');
  await exportAll(file, await filledFolder(join(folder, 'origin')), noDaemon);
  return { folder, text: readFileSync(file, 'utf8'), lines: linesOf(file) };
}

let imports = 0;

/** The error of an import of these bytes; undefined if it succeeds. Fails the test if a refused import leaves files. */
async function refusal(t: Test, { folder }: Base, bytes: string | Buffer): Promise<string | undefined> {
  imports += 1;
  const [file, data] = [join(folder, `wrong-${imports}.jsonl`), join(folder, `data-${imports}`)];
  writeFileSync(file, bytes);
  try {
    await importAll(file, data);
    return undefined;
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    if (namesIn(data) !== undefined) t.fail(`the refused import left ${data} with ${String(namesIn(data))}`);
    return error.message;
  }
}

t.test(
  'an export is imported into files that only their owner can read, whatever the umask, and a second export is the same',
  async (t) => {
    const base = await makeBase(t);
    const [data, file, again] = [
      join(base.folder, 'data'),
      join(base.folder, 'export.jsonl'),
      join(base.folder, 'again.jsonl'),
    ];
    const { status, out } = await salonctl(t, ['--json', 'import', file, '--data', data], {
      under: ['sh', '-c', 'umask 0; exec "$0" "$@"'],
    });
    t.equal(status, 0);
    t.strictSame(JSON.parse(out), { data, messages: 51 });
    t.equal(statSync(data).mode & 0o777, 0o700);
    for (const name of namesIn(data) ?? []) t.equal(statSync(join(data, name)).mode & 0o777, 0o600, name);
    await exportAll(again, join(data, 'salond.db'), noDaemon);
    t.equal(readFileSync(again, 'utf8'), base.text);
    t.equal(await messagesIn(t, data), 50);
  },
);

t.test('an export that is cut or changed anywhere is refused', async (t) => {
  const base = await makeBase(t);
  const lines = base.text.trimEnd().split('\n');
  const last = lines.at(-1) ?? '';
  const cases: Record<string, readonly [string | Buffer, RegExp]> = {
    nothing: ['', /^there are no lines$/],
    'its last line cut off': [`${lines.slice(0, -1).join('\n')}\n`, /^its end is missing: it has \d+ lines/],
    'cut at a line in between': [`${lines.slice(0, 20).join('\n')}\n`, /^its end is missing: it has 20 lines/],
    'cut in the last line': [base.text.slice(0, -10), /^line \d+ can't be taken: /],
    'its last line feed cut off': [base.text.slice(0, -1), /^line 61 can't be taken: it is cut/],
    'cut in a line': [base.text.slice(0, base.text.length >> 1), /can't be taken/],
    'a message left out': [
      base.text.replace(/^.*"in":"messages".*"id":7,.*\n/m, ''),
      /^line \d+ can't be taken: id is 8, and the next one of room 1 is 7/,
    ],
    'a ban left out': [
      base.text.replace(/^.*"in":"bans".*\n/m, ''),
      /^line 60 can't be taken: it says that there are 60 lines before it, and there are 59/,
    ],
    'a line twice': [
      [...lines.slice(0, 12), lines[11], ...lines.slice(12), ''].join('\n'),
      /^line 13 can't be taken: /,
    ],
    'two lines exchanged': [
      [...lines.slice(0, 11), lines[12], lines[11], ...lines.slice(13), ''].join('\n'),
      /^line 12 can't be taken: id is 4, and the next one of room 1 is 3/,
    ],
    'another word': [
      base.text.replace('message 3 ', 'massage 3 '),
      /^line 61 can't be taken: the SHA-256 in it is another/,
    ],
    'a line behind the end': [
      `${base.text}${lines[11] ?? ''}\n`,
      /^line 62 can't be taken: it stands behind the last one/,
    ],
    'two ends': [`${base.text}${last}\n`, /^line 62 can't be taken: it stands behind the last one/],
    'an empty line at the end': [`${base.text}\n`, /^line 62 can't be taken/],
    'an end that says more': [base.text.replace('"in":"end"', '"in":"end","x":1'), /more than a last line has/],
    'CR LF': [base.text.replaceAll('\n', '\r\n'), /SHA-256/],
    'a byte order mark': [`\ufeff${base.text}`, /^line 1 can't be taken: it begins with a byte order mark/],
    'UTF-16': [Buffer.from(base.text, 'utf16le'), /^line 1 can't be taken/],
    'another format': [
      base.text.replace('"format":2', '"format":3'),
      /^line 1 can't be taken: its format is 3, and this salond knows 1 and 2/,
    ],
    'no export': ['{"in":"users"}\n', /^line 1 can't be taken: it does not begin an export/],
    'Latin-1': [
      Buffer.from(base.text.replace('message 3 ', 'messagé 3 '), 'latin1'),
      /^line \d+ can't be taken: it is not UTF-8/,
    ],
  };
  for (const [what, [bytes, says]] of Object.entries(cases)) t.match(await refusal(t, base, bytes), says, what);
  t.equal(base.text.split('\n').length, 62, 'the cases assume this number of lines');
});

t.test('an export of format 1 (salond 0.1.0) is imported, with a note that its end can not be checked', async (t) => {
  const base = await makeBase(t);
  const file = join(base.folder, 'old.jsonl');
  const text = `${base.lines.map((line) => JSON.stringify(line['salond'] === 'export' ? { ...line, format: 1 } : line)).join('\n')}\n`;
  writeFileSync(file, text);
  const data = join(base.folder, 'old');
  t.match(await importAll(file, data), { messages: 51, note: /format 1.*could not be checked/ });
  t.equal(await messagesIn(t, data), 50);
  // Everything that does not need the last line is still checked.
  const lines = text.split('\n');
  t.match(
    await refusal(t, base, [...lines.slice(0, 12), lines[11], ...lines.slice(12)].join('\n')),
    /^line 13 can't be taken: id is 3, and the next one of room 1 is 4/,
  );
  const back = lines
    .map((line) => line.replace(/"id":3,"author":1,"time":\d+/, '"id":3,"author":1,"time":5'))
    .join('\n');
  t.match(await refusal(t, base, back), /^line 12 can't be taken: time is 5, and that of the message before is \d+/);
  const mended = base.lines.map((line) =>
    line['in'] === 'messages' && line['id'] === 3 ? { ...line, time: 5 } : line,
  );
  t.equal(
    await refusal(t, base, sealed(mended)),
    undefined,
    'in format 2 times may go back, because an operator can reset them',
  );
  t.match(await refusal(t, base, text.slice(0, -1)), /it is cut: it does not end in a line feed/);
  t.match(
    await refusal(t, base, [lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n')),
    /does not follow the line before/,
  );
});

const farFuture = Date.UTC(2300, 0, 1);

// For each table: a member, its wrong value (`undefined` leaves the member out), and the expected error.
const wrong: Readonly<Record<string, readonly (readonly [member: string, value: unknown, says: RegExp])[]>> = {
  users: [
    ['id', 0, /id is 0/],
    ['id', -1, /id is -1/],
    ['id', 1.5, /id is 1.5/],
    ['id', 2 ** 53, /id is 9007199254740992/],
    ['id', '1', /id is "1"/],
    ['id', undefined, /no id/],
    ['name', 'al\u001bice', /name is "al\\u001bice"/],
    ['name', 'al\nice', /name is/],
    ['name', '', /name is ""/],
    ['name', 'a b', /name is/],
    ['name', 'x'.repeat(33), /name is/],
    ['name', 'x'.repeat(60_000), /name is too long/],
    ['name', 7, /name is 7/],
    ['name', 'e\u0301', /key is "alice"|name is "é"|NFC/],
    ['name', '-alice', /name is/],
    ['name', 'Alicia', /key is "alice", and that of the name is "alicia"/],
    ['key', 'bob', /key is "bob", and that of the name is "alice"/],
    ['key', null, /key is null/],
    ['first_name', '', /first_name must be/],
    ['first_name', 'a\u001b[2J', /first_name must be/],
    ['first_name', 'a\nb', /first_name must be/],
    ['last_name', 'x'.repeat(101), /last_name must be/],
    ['last_name', 5, /last_name/],
    ['password', '', /password is no hash/],
    ['password', 'c2NyeXB0', /password is no hash/],
    ['password', '%%%', /base64/],
    ['password', 5, /base64/],
    ['password', undefined, /base64/],
    ['password', craftedHash(40, 8, 1).toString('base64'), /password is no hash/],
    ['password', craftedHash(15, 2 ** 31, 1).toString('base64'), /password is no hash/],
    ['password', craftedHash(15, 8, 2 ** 30).toString('base64'), /password is no hash/],
    ['password', craftedHash(20, 32, 1).toString('base64'), /password is no hash/],
    ['password', craftedHash(0, 8, 1).toString('base64'), /password is no hash/],
    ['state', 'asleep', /state is "asleep"/],
    ['state', 'deleted', /deleted user/],
    ['created', 2 ** 53 - 1, /created is 9007199254740991/],
    ['created', -1, /created is -1/],
    ['created', '2026', /created is/],
    ['colour', 'red', /users have no "colour"/],
    ['__proto_', {}, /users have no/],
    ['in', 'hats', /it is in "hats"/],
    ['in', 'end', /more than a last line/],
    ['first_name', '\ud800', /half of a surrogate pair/],
  ],
  rooms: [
    ['name', 'lob\u0007by', /name is/],
    ['name', 'x'.repeat(65), /name is/],
    ['key', 'attic', /key is/],
    ['topic', 'a\nb', /topic must be/],
    ['topic', 'x'.repeat(501), /topic must be/],
    ['topic', null, /topic must be a string/],
    ['state', 'ajar', /state is "ajar"/],
    ['created', 2 ** 53 - 1, /created is/],
  ],
  roles: [
    ['room', 9, /there is no room 9/],
    ['user', 9, /there is no user 9/],
    ['role', 'king', /role is "king"/],
    ['room', 'lobby', /room is "lobby"/],
  ],
  bans: [
    ['target', '', /target is no network: ""/],
    ['target', 'nowhere', /target is no network: "nowhere"/],
    ['target', '192.0.2.1/24', /the network is written 192.0.2.0\/24/],
    ['target', '192.0.2.0/33', /no network/],
    ['target', '300.0.0.1/8', /no network/],
    ['target', '2001:DB8::/32', /the network is written 2001:db8::\/32/],
    ['kind', 'planet', /kind is "planet"/],
    ['kind', 'user', /no user's key/],
    ['reason', 'a\u001bb', /reason must be/],
    ['reason', 'x'.repeat(501), /reason must be/],
    ['until', 2 ** 53 - 1, /until is/],
    ['until', 1, /until is 1, before created/],
    ['until', -5, /until is -5/],
    ['created', 1e300, /created is/],
  ],
  messages: [
    ['message', '', /message has 0 bytes/],
    ['message', 'x'.repeat(4097), /message has 4097 bytes/],
    ['message', 'é'.repeat(2049), /message has 4098 bytes/],
    ['message', 'x'.repeat(1_200_000), /longer than 65536 bytes/],
    ['message', 5, /message is 5/],
    ['message', undefined, /it has no message/],
    ['room', undefined, /it has no room/],
    ['time', undefined, /it has no time/],
    ['message', '\udc00', /half of a surrogate pair/],
    ['time', 2 ** 53 - 1, /time is 9007199254740991/],
    ['time', -1, /time is -1/],
    ['time', farFuture, /hundred years/],
    ['time', 8.64e15, /time is/],
    ['time', 1.5, /time is 1.5/],
    ['id', 9, /id is 9, and the next one of room 1 is/],
    ['id', 0, /id is|first is 0/],
    ['room', 9, /there is no room 9/],
    ['author', 9, /there is no user 9/],
    ['author', 'alice', /author is "alice"/],
    ['key', 'k'.repeat(65), /key must be/],
    ['key', 5, /key is 5/],
    ['key', null, /key is null/],
    ['key', 'key 0', /a second time/],
    ['colour', 1, /messages have no "colour"/],
  ],
};

for (const [table, cases] of Object.entries(wrong)) {
  t.test(
    `a line of ${table} that breaks a rule of the contract is refused, even if count and sum are right`,
    async (t) => {
      const base = await makeBase(t);
      // The second message, because it has a time before it. The first line of the other tables; that of the bans is a
      // network.
      const at = base.lines.findIndex((line) => line['in'] === table) + (table === 'messages' ? 1 : 0);
      for (const [member, value, says] of cases) {
        const lines = base.lines.map((line, each) => (each === at ? { ...line, [member]: value } : line));
        const error = await refusal(t, base, sealed(lines));
        t.match(error, says, `${member}: ${JSON.stringify({ value }).slice(0, 60)}`);
        // A duplicate key is noticed later, when many rows are stored at once.
        t.match(error, new RegExp(`^(line (${at + 1}|61) can't be taken: |a line up to this one has a row of keys)`));
      }
    },
  );
}

t.test('lines that are right alone but contradict each other are refused', async (t) => {
  const base = await makeBase(t);
  const at = base.lines.findIndex((line) => line['in'] === 'users');
  const twice = [...base.lines.slice(0, at + 1), { ...base.lines[at], id: 3 }, ...base.lines.slice(at + 2)];
  t.match(
    await refusal(t, base, sealed(twice)),
    /^line 3 can't be taken: a line up to this one has a row of users with the (key|skeleton) of another/,
  );
  const noRoom = base.lines.filter((line) => line['in'] !== 'rooms' && line['in'] !== 'roles');
  t.match(await refusal(t, base, sealed(noRoom)), /there is no room 1/);
});

t.test('a reaction of an export is as short as one that is sent', async (t) => {
  const base = await makeBase(t);
  const withReaction = (message: string): string =>
    sealed(
      base.lines.map((line) =>
        line['in'] === 'messages' && line['id'] === 3 ? { ...line, message, kind: 'reaction', about: 1 } : line,
      ),
    );
  t.match(
    await refusal(t, base, withReaction('é'.repeat(33))),
    /^line 12 can't be taken: a reaction has 32 characters/,
  );
  t.equal(await refusal(t, base, withReaction('é'.repeat(32))), undefined);
  const about = (kind: string): string =>
    sealed(base.lines.map((line) => (line['in'] === 'messages' && line['id'] === 3 ? { ...line, kind } : line)));
  for (const kind of ['reaction', 'reply', 'edit'])
    t.match(await refusal(t, base, about(kind)), /^line 12 can't be taken: about is 0/, `a ${kind} is about a message`);
  for (const kind of ['action', 'notice']) t.equal(await refusal(t, base, about(kind)), undefined);
});

t.test('an edit of an export is of a message of its own author that is no edit, as one that is sent', async (t) => {
  const base = await makeBase(t);
  const author = base.lines.find((line) => line['in'] === 'messages' && line['room'] === 1)?.['author'];
  const other = base.lines.find((line) => line['in'] === 'users' && line['id'] !== author)?.['id'];
  const withEdits = (changes: Readonly<Record<number, object>>): string =>
    sealed(
      base.lines.map((line) =>
        line['in'] === 'messages' && line['room'] === 1 ? { ...line, ...changes[Number(line['id'])] } : line,
      ),
    );
  const own = { kind: 'edit', about: 1, author };
  t.equal(await refusal(t, base, withEdits({ 3: own, 4: own })), undefined);
  const refused =
    /^the lines do not fit together: an edit is of somebody else's message, or of an edit, in the room with/;
  t.match(await refusal(t, base, withEdits({ 3: { ...own, author: other } })), refused);
  t.match(await refusal(t, base, withEdits({ 3: own, 4: { ...own, about: 3 } })), refused);
});

t.test('a line without an end does not fill the memory, and U+2028 does not end a line', async (t) => {
  const base = await makeBase(t);
  t.match(
    await refusal(t, base, Buffer.alloc(200 * 1024 * 1024, 'x')),
    /^line 1 can't be taken: it is longer than 65536 bytes/,
  );
  const raw = base.lines.map((line) => JSON.stringify(line));
  t.ok(raw.some((line) => line.includes('\u2028')));
  t.equal(await refusal(t, base, sealed(raw)), undefined);
});

t.test('an import waits for lines that come slowly through a pipe', async (t) => {
  const folder = temporaryFolder(t);
  const text = join(folder, 'export.jsonl');
  await exportAll(text, await filledFolder(join(folder, 'old')), noDaemon);
  const bytes = readFileSync(text);
  const args = [join(root, 'bin/salonctl'), 'import', '-', '--data', join(folder, 'new')];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (piece: Buffer) => {
    err += piece.toString();
  });
  const ended = once(child, 'close');
  await sleep(1000);
  child.stdin.write(bytes.subarray(0, 500));
  await sleep(300);
  child.stdin.end(bytes.subarray(500));
  t.same([await ended, err], [[0, null], '']);
});

t.test('an import into a folder that has data, or that a daemon uses, changes nothing', async (t) => {
  const base = await makeBase(t);
  const file = join(base.folder, 'export.jsonl');
  const before = readFileSync(join(base.folder, 'origin/salond.db'));
  t.match(await salonctl(t, ['import', file, '--data', join(base.folder, 'origin')]), {
    status: 65,
    err: /salond\.db is there already/,
  });
  t.ok(before.equals(readFileSync(join(base.folder, 'origin/salond.db'))));
  // A folder that existed before stays, with only its lock in it.
  const empty = join(base.folder, 'empty');
  mkdirSync(empty);
  writeFileSync(join(base.folder, 'half.jsonl'), base.text.slice(0, 900));
  t.match(await salonctl(t, ['import', join(base.folder, 'half.jsonl'), '--data', empty]), {
    status: 65,
    out: '',
    err: /^salonctl: line \d+ can't be taken: [^\n]+\n$/,
  });
  t.strictSame(namesIn(empty), ['salond.lock']);
  t.match(await salonctl(t, ['import', join(base.folder, 'nothing.jsonl'), '--data', empty]), {
    status: 65,
    err: /nothing.jsonl is not there/,
  });
  t.match(await salonctl(t, ['import', base.folder, '--data', empty]), { status: 65, err: /is not a file/ });
  t.notOk(existsSync(join(empty, 'salond.db')));
});
