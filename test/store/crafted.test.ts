// Databases that somebody made to harm whoever opens them: rows with right checksums that hold what no client can have
// sent, and schemas whose views and triggers would run, some without end. A start, --check-data, restore and export say
// so in words and end.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { contractRules } from '../../src/rules.js';
import { BadData } from '../../src/salonctl/errors.js';
import { restore } from '../../src/salonctl/backup.js';
import { exportAll } from '../../src/salonctl/export.js';
import { Database } from '../../src/store/sqlite/database.js';
import { DataError } from '../../src/store/sqlite/data-error.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { DamageError } from '../../src/store/damage.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { makeSums, sumOf } from '../../src/store/sqlite/sums.js';
import { launcher, temporaryFolder } from '../support/daemon.js';
import { resultOfCheckData } from '../support/checks.js';
import { filledFolder, namesIn, olderDatabase, openWriter } from '../support/files.js';
import { readOf } from '../support/writer.js';

t.setTimeout(120_000);

const noDaemon = (): never => {
  throw new Error('no daemon is asked');
};

/** A copy of a database after the SQL; with `summed`, the checksums of all rows are right again. */
async function craft(t: Test, origin: string, sql: string, summed = false): Promise<string> {
  const folder = temporaryFolder(t);
  const path = join(folder, 'salond.db');
  copyFileSync(origin, path);
  const database = await Database.open(path);
  await database.exec(sql);
  if (summed) await makeSums(database);
  await database.close();
  return folder;
}

/** What `salond --check-data` says of a folder. It is ended if it reads on for ever. */
function resultOfProgram(folder: string): { readonly status: number | null; readonly stderr: string } {
  return spawnSync(process.execPath, [launcher, '--check-data', folder], { encoding: 'utf8', timeout: 20_000 });
}

async function messageOf(kind: new (...args: never[]) => Error, work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof kind) return error.message;
    throw error;
  }
  return 'nothing was said';
}

/** All that open a database say so; with `only`, a start and one of the others. */
async function isRefused(
  t: Test,
  folder: string,
  says: RegExp,
  what: string,
  only?: 'restore' | 'export',
): Promise<void> {
  const path = join(folder, 'salond.db');
  t.match(await messageOf(DataError, SqliteStore.open(folder, 'full', contractRules)), says, `${what}: a start`);
  if (only !== 'export') {
    const data = join(folder, 'restored');
    t.match(await messageOf(BadData, restore(path, data, false)), says, `${what}: restore`);
    t.equal(namesIn(data), undefined, `${what}: nothing is made`);
  }
  if (only === 'restore') return;
  t.match(await messageOf(BadData, exportAll(join(folder, 'export.jsonl'), path, noDaemon)), says, `${what}: export`);
}

const endless = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)';
const users =
  'id INTEGER PRIMARY KEY, name TEXT, key TEXT, skeleton TEXT, first_name TEXT, last_name TEXT, password BLOB, created INTEGER, state TEXT, crc INTEGER';

const schemas: Readonly<Record<string, readonly [sql: string, says: RegExp]>> = {
  'an endless view': [
    `CREATE VIEW messages AS ${endless} SELECT x AS room, x AS id, x AS author, x AS time, x AS message FROM c`,
    /it has the view "messages", which is not salond's/,
  ],
  'an endless view for a table': [
    `ALTER TABLE users RENAME TO other; CREATE VIEW users AS ${endless} SELECT x AS id, x AS name FROM c`,
    /its|is not salond's/,
  ],
  'a view more': [`CREATE VIEW more AS ${endless} SELECT x FROM c`, /it has the view "more", which is not salond's/],
  'a trigger': [
    'CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END',
    /it has the trigger "t", which is not salond's/,
  ],
  'a table more': ['CREATE TABLE more (a)', /it has the table "more"/],
  'an index with an expression': [`CREATE INDEX more ON users (length(name) + 1)`, /it has the index "more"/],
  'an index with a condition': ['CREATE INDEX more ON users (name) WHERE id > 0', /it has the index "more"/],
  'a table that checks': [
    `DROP TABLE users; CREATE TABLE users (${users}, CHECK (length(replace(hex(zeroblob(1000000)), '0', 'aa')) > 0))`,
    /its table "users" is not as salond makes it/,
  ],
  'a column that is computed': [
    `ALTER TABLE rooms ADD COLUMN more TEXT AS (hex(zeroblob(100000000)))`,
    /its table "rooms" is not as salond makes it/,
  ],
  'a virtual table': [
    'DROP TABLE bans; CREATE VIRTUAL TABLE bans USING fts5(kind, target, reason, created, until, crc)',
    /its|is not salond's/,
  ],
  'a table less': ['DROP TABLE bans', /it lacks the table "bans"/],
  'a name with a line feed': ['CREATE TABLE "a\u001b[2J\nb" (a)', /it has the table "a\\u001b\[2J\\nb"/],
};

t.test("a schema that is not salond's is refused before any of it runs", async (t) => {
  const origin = await filledFolder(temporaryFolder(t));
  for (const [what, [sql, says]] of Object.entries(schemas)) {
    const folder = await craft(t, origin, sql);
    await isRefused(t, folder, says, what);
  }
  const folder = await craft(t, origin, schemas['an endless view']?.[0] ?? '');
  t.match(resultOfProgram(folder), {
    status: 65,
    stderr: /^salond: \S+ is damaged: it has the view "messages", which is not salond's\n$/,
  });
});

t.test(
  "an older schema is looked at before it is brought up to date, and statistics of SQLite's are no harm",
  async (t) => {
    const origin = await filledFolder(temporaryFolder(t));
    const older = temporaryFolder(t);
    await olderDatabase(
      join(older, 'salond.db'),
      'CREATE TRIGGER t AFTER UPDATE ON users BEGIN DELETE FROM users; END',
    );
    await isRefused(t, older, /it has the trigger "t"/, 'an older one');
    const analyzed = await craft(t, origin, 'ANALYZE');
    const store = await SqliteStore.open(analyzed, 'full', contractRules);
    await store.close();
    t.pass('it is opened');
  },
);

const huge = `'${'x'.repeat(1000)}'`;

/** Makes the first run one of a single message. @param bytes SQL: the message's bytes, in pieces */
function oneMessage(bytes: string): string {
  const pieces = bytes.split(' || ').map((piece) => `hex(${piece})`);
  return `UPDATE runs SET messages = unhex('01' || ${pieces.join(' || ')}), last = first WHERE seq = 1`;
}

/** SQL: a token of alice's. */
const oneToken = `INSERT INTO tokens VALUES ('aabbccdd', 1, '', '${'k'.repeat(42)}A', '${'k'.repeat(42)}A', '', '', 100, 0, 0, 0);`;

// SQL, and what is said. The checksums are made again after it.
const rows: readonly (readonly [sql: string, says: RegExp])[] = [
  ['UPDATE runs SET time = 9007199254740991', /a row of runs can't be salond's: seq 1: time is 9007199254740991/],
  ['UPDATE runs SET time = 253402300800000', /time is 253402300800000/],
  ['UPDATE runs SET time = -1', /time is -1/],
  ['UPDATE runs SET last = last + 1 WHERE seq = 1', /seq 1: a run is cut/],
  [`UPDATE runs SET messages = x'' WHERE seq = 1`, /seq 1: the format of a run is missing/],
  [
    `UPDATE runs SET messages = CAST('[[1,"one"],[1,"two"],[1,"three"]]' AS BLOB) WHERE seq = 1`,
    /format of a run is 91/,
  ],
  ['UPDATE runs SET messages = substr(messages, 1, 9) WHERE seq = 1', /seq 1: a run is cut/],
  ["UPDATE runs SET messages = unhex(hex(messages) || '00') WHERE seq = 1", /1 bytes stand behind the last message/],
  ["UPDATE runs SET messages = unhex('010700' || substr(hex(messages), 7)) WHERE seq = 1", /begins with the byte 7/],
  [oneMessage("x'00ffffffffffffffffffffffffffffff'"), /a number is too large/],
  [oneMessage("x'000001' || 'x'"), /an id is 0/],
  [oneMessage("x'000100'"), /a text is empty/],
  [oneMessage("x'0063' || x'01' || 'x'"), /messages are by nobody in the room with the number 1/],
  [oneMessage(`x'000109' || 'a"},"x":"'`), /a text has a byte that JSON escapes/],
  [oneMessage("x'000104' || 'a' || x'0a' || '1' || x'09'"), /a text has a byte that JSON escapes/],
  [oneMessage("x'000106' || '\\ud800'"), /a text has half of a surrogate pair/],
  [oneMessage("x'000103' || x'eda080'"), /a text is not UTF-8/],
  [oneMessage("x'000102' || x'c285'"), /a text has a character that JSON escapes/],
  [oneMessage("x'000181' || x'20' || printf('%.4097c', 'x')"), /a text has 4097 bytes/],
  [oneMessage("x'0001' || x'ffffff7f' || 'x'"), /a run is cut/],
  [
    'UPDATE runs SET messages = zeroblob(5000000) WHERE seq = 1',
    /a row of runs has a messages of more than 4194304 bytes: seq 1/,
  ],
  ['UPDATE runs SET room = 0 WHERE seq = 1', /room is 0/],
  ['UPDATE runs SET first = 9223372036854775000, last = 9223372036854775000 WHERE seq = 1', /first is|last is/],
  [
    "UPDATE users SET name = 'al' || char(27) || 'ice' WHERE id = 1",
    /a row of users can't be salond's: id 1: name is "al\\u001bice"/,
  ],
  ["UPDATE users SET name = 'other' WHERE id = 1", /key is "alice", and that of the name is "other"/],
  [`UPDATE users SET first_name = ${huge} WHERE id = 1`, /first_name must be/],
  ["UPDATE users SET last_name = 'a' || char(10) WHERE id = 1", /last_name must be/],
  ["UPDATE users SET password = x'00' WHERE id = 1", /password is no hash/],
  [
    "UPDATE users SET password = unhex(substr(hex(password), 1, 14) || '28' || substr(hex(password), 17)) WHERE id = 1",
    /password is no hash/,
  ],
  ['UPDATE users SET created = 9007199254740991 WHERE id = 1', /created is/],
  ["UPDATE users SET state = 'king' WHERE id = 1", /state is "king"/],
  [
    'UPDATE users SET first_name = hex(zeroblob(100000)) WHERE id = 1',
    /has a first_name of more than 65536 bytes: id 1/,
  ],
  ['UPDATE rooms SET topic = char(7) WHERE id = 1', /topic must be/],
  ["UPDATE rooms SET state = '' WHERE id = 1", /state is ""/],
  ["UPDATE rooms SET settings = '[]' WHERE id = 1", /settings is "\[\]"/],
  [`UPDATE rooms SET settings = '{"maxUsers":-1}' WHERE id = 1`, /settings is/],
  [`UPDATE rooms SET settings = '{"open":true}' WHERE id = 1`, /settings is/],
  [`UPDATE rooms SET settings = '{"welcome":"${'x'.repeat(501)}"}' WHERE id = 1`, /welcome must be/],
  [`UPDATE rooms SET settings = '{"password":"AA=="}' WHERE id = 1`, /password is no hash/],
  [`UPDATE users SET status = '${'x'.repeat(101)}' WHERE id = 1`, /status must be/],
  ["UPDATE rooms SET key = '' WHERE id = 1", /key is ""/],
  ["UPDATE roles SET role = 'king' WHERE room = 1", /role is "king"/],
  ['UPDATE roles SET user = 99 WHERE room = 1', /a role is of nobody/],
  [
    `${oneToken} UPDATE tokens SET stored_key = 'x'`,
    /tokens can't be salond's: id "[a-z0-9]+": stored_key is not 32 bytes/,
  ],
  [`${oneToken} UPDATE tokens SET user = 99`, /a token is of nobody, the user with the number 99/],
  [`${oneToken} UPDATE tokens SET expires = created - 1`, /expires is 99, before created/],
  [`${oneToken} UPDATE tokens SET label = char(7)`, /label must be/],
  ['INSERT INTO seen VALUES (99, 1, 0)', /or an erasure, is of nobody, the user with the number 99/],
  ['INSERT INTO erasures VALUES (99, 0)', /or an erasure, is of nobody, the user with the number 99/],
  ["INSERT INTO members VALUES (1, 'alice', 99, 1, 0, 0, 0, 0, 0)", /a membership is of nobody/],
  ["INSERT INTO members VALUES (1, 'bob', 1, 1, 0, 0, 0, 0, 0)", /a membership is of nobody/],
  ["INSERT INTO members VALUES (99, 'alice', 1, 1, 0, 0, 0, 0, 0)", /in a room that is not there, the number 99/],
  ["INSERT INTO members VALUES (1, 'alice', 1, 1, 2, 0, 0, 0, 0)", /invited is 2/],
  ["INSERT INTO members VALUES (1, 'alice', 1, 1, 0, 0, 0, -1, 0)", /read is -1/],
  ["INSERT INTO invitations VALUES ('a', x'00', 1, 0, 1, 0, 0)", /hash is no SHA-256/],
  ["INSERT INTO invitations VALUES ('a', zeroblob(32), 1, 2, 1, 0, 0)", /used is 2, of 1/],
  ["UPDATE bans SET target = '' WHERE kind = 'network'", /target is ""/],
  ["UPDATE bans SET target = 'nowhere' WHERE kind = 'network'", /target is no network: "nowhere"/],
  ["UPDATE bans SET target = '192.0.2.1/24' WHERE kind = 'network'", /the network is written 192\.0\.2\.0\/24/],
  ['UPDATE bans SET until = 9007199254740991', /until is/],
  ["UPDATE bans SET kind = 'planet' WHERE kind = 'user'", /kind is "planet"/],
  [`UPDATE keys SET key = ${huge} WHERE id = 1`, /key is "xxx/],
  [`UPDATE keys SET key = '${'k'.repeat(65)}' WHERE id = 1`, /key must be/],
];

t.test('a row with a right checksum that nobody can have written is refused, and named', async (t) => {
  const origin = await filledFolder(temporaryFolder(t), 3);
  for (const [index, [sql, says]] of rows.entries()) {
    const folder = await craft(t, origin, sql, true);
    // One check of rows serves all three.
    await isRefused(t, folder, says, sql.slice(0, 60), index % 2 === 0 ? 'restore' : 'export');
  }
});

const noText = "CAST(x'ff' AS TEXT)";

// Rows with right checksums in places that JavaScript can't tell from others: a reader that goes on behind them would
// read them for ever.
const places: readonly (readonly [sql: string, says: RegExp])[] = [
  ['UPDATE runs SET seq = 9007199254740993 WHERE seq = (SELECT max(seq) FROM runs)', /runs .*: seq 9007199254740992/],
  ['UPDATE users SET id = 9007199254740993 WHERE id = 2', /users .*: id 9007199254740992/],
  [
    `INSERT INTO keys VALUES (9, 1, ${noText}, 1, ${sumOf([9, 1, '\ufffd', 1])})`,
    /keys .*: room 9, author 1, key "\ufffd"/,
  ],
  [
    `INSERT INTO skeletons VALUES ('user', ${noText}, 1, ${sumOf(['user', '\ufffd', 1])})`,
    /skeletons .*: kind "user", skeleton "\ufffd", id 1/,
  ],
  [
    `INSERT INTO bans VALUES ('user', ${noText}, '', 1, 0, ${sumOf(['user', '\ufffd', '', 1, 0])})`,
    /bans .*: kind "user", target "\ufffd"/,
  ],
];

t.test('a row in a place that is not read as it was written keeps no check from ending', async (t) => {
  const origin = await filledFolder(temporaryFolder(t), 3);
  for (const [index, [sql, says]] of places.entries()) {
    // A check that finds damage lets go of the folder where its process ends, so each has a copy of its own.
    const [folder, checked] = [await craft(t, origin, sql), await craft(t, origin, sql)];
    const check = index === 0 ? resultOfProgram(checked) : await resultOfCheckData(checked);
    t.match(check, { status: 65, stderr: /is in a place that salond gives to none/ }, sql);
    if (check.status === 65) await isRefused(t, folder, says, sql);
  }
  const negative = await craft(t, origin, 'UPDATE runs SET seq = -1 WHERE seq = 1');
  await isRefused(t, negative, /a row of runs can't be salond's: seq -1: seq is -1/, 'an export begins behind it');
});

t.test('a text with U+FFFD in it is as good a place as any', async (t) => {
  const replaced = sumOf([1, 1, '\ufffd', 1]);
  const origin = await filledFolder(temporaryFolder(t), 3);
  const folder = await craft(t, origin, `INSERT INTO keys VALUES (1, 1, char(65533), 1, ${replaced})`);
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await findDamage(database, contractRules), []);
  await database.close();
});

t.test('a large database, which is not read whole at a start, does not end the daemon either', async (t) => {
  const made = temporaryFolder(t);
  const origin = await filledFolder(made, 3);
  const filled = await openWriter(made);
  const { id: big } = await filled.room('big', 1);
  await filled.store.close();
  // Runs of a hundred long messages in a room of their own: 35 MB.
  const grow = `INSERT INTO runs (room, first, last, time, messages, crc)
    WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x + 1 FROM c WHERE x < 89)
    SELECT ${big}, x * 100 + 1, x * 100 + 100, 5,
      unhex('01' || replace(hex(zeroblob(50)), '0', hex(unhex('0001a01f') || printf('%.4000c', 'x')))), 0 FROM c;`;
  const large = join(await craft(t, origin, grow), 'salond.db');
  const bans = await craft(t, large, `UPDATE bans SET target = '' WHERE kind = 'network'`, true);
  t.match(
    await messageOf(DataError, SqliteStore.open(bans, 'full', contractRules)),
    /a row of bans can't be salond's: kind "network", target ""/,
  );
  const newest = await craft(
    t,
    large,
    `UPDATE runs SET time = 9007199254740991 WHERE seq = (SELECT max(seq) FROM runs)`,
    true,
  );
  t.match(
    await messageOf(DataError, SqliteStore.open(newest, 'full', contractRules)),
    /the newest message is of the time 9007199254740991/,
  );
  const between = await craft(
    t,
    large,
    `UPDATE runs SET time = 9007199254740991 WHERE first = 101;
    UPDATE runs SET messages = unhex('02' || substr(hex(messages), 3)) WHERE first = 201;
    UPDATE users SET created = 9007199254740991 WHERE id = 2`,
    true,
  );
  const store = await SqliteStore.open(between, 'full', contractRules);
  const { log, directory } = store;
  t.equal(readOf((await log.readAfter(big, 0, 100, 100)).messages).length, 100);
  t.match(await messageOf(DamageError, log.readAfter(big, 100, 200, 100)), /time is 9007199254740991/);
  t.match(
    await messageOf(DamageError, log.readAfter(big, 200, 300, 100)),
    /salond\.db is damaged.*format of a run is 2/,
  );
  t.match(await messageOf(DamageError, directory.listUsers('', 10)), /created is 9007199254740991/);
  await store.close();
});

t.test('a value of an older salond that may take all memory is not read to be converted', async (t) => {
  // Large, so that a start would not look at all of it afterwards.
  const folder = temporaryFolder(t);
  const long = `INSERT INTO runs (seq, room, first, last, time, messages) VALUES (7, 1, 3, 3, 5, hex(zeroblob(20000000)))`;
  await olderDatabase(join(folder, 'salond.db'), long);
  await isRefused(t, folder, /is damaged: a row of runs has a messages of more than 4194304 bytes: seq 7$/, 'long');
});

/** The CPU seconds that a check and an export of so many keys take. */
async function secondsFor(t: Test, count: number): Promise<number> {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'made'));
  const origin = await filledFolder(join(folder, 'made'), 3);
  const crafted = await craft(
    t,
    origin,
    `INSERT INTO runs (room, first, last, time, messages, crc)
      WITH RECURSIVE c(x) AS (SELECT 4 UNION ALL SELECT x + 1 FROM c WHERE x < ${count})
      SELECT 1, x, x, 9000000000000, unhex('0100010178'), 0 FROM c;
    INSERT INTO keys (room, author, key, id) SELECT 1, 1, 'k' || first, first FROM runs WHERE room = 1 AND first > 3`,
    true,
  );
  const begun = process.cpuUsage();
  t.match(await resultOfCheckData(crafted), { status: 0, stderr: '' });
  t.match(await exportAll(join(crafted, 'export.jsonl'), join(crafted, 'salond.db'), noDaemon), { lines: count + 11 });
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1e6;
}

t.test('a check of many keys, and an export of them, take no longer for each than for few', async (t) => {
  await secondsFor(t, 100);
  const [few, many] = [await secondsFor(t, 1000), await secondsFor(t, 8000)];
  t.comment(`${few} s and ${many} s`);
  // If each key were looked for among all, it would be 64 times.
  t.ok(many < few * 24, `${many} s of CPU for eight times the keys, not ${few} s`);
});
