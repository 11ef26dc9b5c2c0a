// Creates data folders, backups and exports for tests of the operator's files. They are right until a test changes
// them.
import { createHash } from 'node:crypto';
import { cpSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Passwords } from '../../src/accounts/passwords.js';
import { contractRules } from '../../src/rules.js';
import { Database, type Value } from '../../src/store/sqlite/database.js';
import { applicationId, migrations } from '../../src/store/sqlite/migrations.js';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import type { Author } from '../../src/store/log.js';
import { Client } from './client.js';
import { temporaryFolder, type RunningDaemon, type Teardown } from './daemon.js';
import { hostDaemon } from './in-process.js';
import { Writer } from './writer.js';

/**
 * Creates data with two users, two rooms, two bans and `count` messages of alice's, some with keys. Returns the path of
 * the database.
 */
export async function filledFolder(data: string, count = 50): Promise<string> {
  const writer = await openWriter(data);
  const { directory } = writer.store;
  const hash = await new Passwords({ logN: 10, r: 8, p: 1 }, 8).hash('alice password');
  const [alice, bob] = [await writer.user('alice', hash), await writer.user('bob', hash)];
  await say(
    writer,
    'lobby',
    alice,
    Array.from({ length: count }, (_, each) => `message ${each} \u2028`),
  );
  await say(writer, 'attic', bob, ['dust']);
  await directory.setBan({
    kind: 'network',
    target: '192.0.2.0/24',
    reason: 'spam',
    created: Date.now(),
    until: undefined,
  });
  await directory.setBan({ kind: 'user', target: 'bob', reason: '', created: Date.now(), until: undefined });
  await writer.store.close();
  return join(data, 'salond.db');
}

/** Opens the store of a folder, to write into it. */
export async function openWriter(data: string): Promise<Writer> {
  return new Writer(await SqliteStore.open(data, 'full', contractRules));
}

async function say(writer: Writer, name: string, author: Author, texts: readonly string[]): Promise<void> {
  const room = await writer.room(name, author.id);
  const said = texts.map((text, each) => ({ text, key: each % 5 === 0 ? `key ${each}` : undefined }));
  await writer.say(room.id, author, ...said);
}

/** Starts a daemon on a filled folder. */
export async function filledDaemon(t: Teardown, count = 50): Promise<RunningDaemon> {
  const data = temporaryFolder(t);
  await filledFolder(data, count);
  return hostDaemon(t, { data });
}

/**
 * A copy of the data of a running daemon with twenty of its seventy messages in the log alone: what stays where the
 * daemon is killed then.
 */
export async function killedFolder(t: Teardown): Promise<string> {
  const [live, copy] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(live, 50);
  const daemon = hostDaemon(t, { data: live });
  const alice = await Client.connect(await daemon.port());
  await alice.ok({ command: 'authenticate_user', username: 'alice', password: 'alice password' });
  await alice.ok('join_chatroom alice lobby');
  for (let each = 0; each < 20; each += 1) await alice.say('alice', 'lobby', `more ${each}`);
  cpSync(live, copy, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
  if (statSync(join(copy, 'salond.db-wal')).size === 0) throw new Error('there is no log');
  await daemon.stop();
  return copy;
}

/** Creates a database of schema 3, which is older than 0.1.0's, with alice and a lobby. `sql` can add to it. */
export async function olderDatabase(path: string, sql = ''): Promise<void> {
  const hash = await new Passwords({ logN: 10, r: 8, p: 1 }, 8).hash('alice password');
  const database = await Database.open(path);
  await database.exec(`PRAGMA application_id = ${applicationId}; ${migrations.slice(0, 3).join(';\n')}; PRAGMA user_version = 3;
    INSERT INTO users (id, name, key, skeleton, first_name, last_name, password, created) VALUES (1, 'alice', 'alice', 'alice', 'A', 'B', x'${Buffer.from(hash).toString('hex')}', 0);
    INSERT INTO rooms (id, name, key, skeleton, created) VALUES (1, 'lobby', 'lobby', 'lobby', 0);
    INSERT INTO roles (room, user, role) VALUES (1, 1, 'owner');
    INSERT INTO runs (room, first, last, time, messages) VALUES (1, 1, 2, 5, '[[1,"one"],[1,"two"]]')`);
  for (const [table, columns] of Object.entries(schema3Columns)) {
    for (const row of await database.all(`SELECT * FROM ${table}`)) {
      await database.all(`UPDATE ${table} SET crc = ?`, olderSumOf(columns.map((column) => row[column] as Value)));
    }
  }
  await database.exec(sql);
  await database.close();
}

/** The columns that a row's checksum covers in schema 3. */
const schema3Columns = {
  users: ['name', 'key', 'skeleton', 'first_name', 'last_name', 'password', 'created', 'state'],
  rooms: ['name', 'key', 'skeleton', 'topic', 'created', 'state'],
  roles: ['room', 'user', 'role'],
  runs: ['room', 'first', 'last', 'time', 'messages'],
} as const;

/** The newest id in the lobby. */
export async function head(data: string): Promise<number> {
  const writer = await openWriter(data);
  try {
    return await writer.head((await writer.room('lobby')).id);
  } finally {
    await writer.store.close();
  }
}

/** Starts a daemon on the data. Returns how many messages alice gets in the lobby. */
export async function messagesIn(t: Teardown, data: string): Promise<number> {
  const daemon = hostDaemon(t, { data });
  const client = await Client.connect(await daemon.port());
  await client.ok({ command: 'authenticate_user', username: 'alice', password: 'alice password' });
  const { body } = await client.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby', after: 0 });
  client.destroy();
  await daemon.stop();
  return Number(body['last']);
}

/** A line of an export: the member `in` names its table. */
export type Line = Record<string, unknown>;

/** The lines of an export, without the last one. */
export function linesOf(path: string): Line[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line)
    .filter((line) => line['in'] !== 'end');
}

/** An export of these lines, right or wrong, with a last line whose count and sum are right. */
export function sealed(lines: readonly (Line | string)[]): string {
  const text = lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('');
  return `${text}${JSON.stringify({ in: 'end', lines: lines.length, sha256: createHash('sha256').update(text).digest('hex') })}\n`;
}

/** The names in a folder; undefined if it does not exist. */
export function namesIn(folder: string): readonly string[] | undefined {
  try {
    return readdirSync(folder).sort();
  } catch {
    return undefined;
  }
}
