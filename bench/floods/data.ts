// The data that the attacked daemon finds: users, very many rooms, and rooms of long and of many messages.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Passwords, type ScryptParameters } from '../../src/accounts/passwords.js';
import { Database } from '../../src/store/sqlite/database.js';
import { sync } from '../../src/store/sqlite/place.js';
import { insertRuns, RunBatch } from '../../src/store/sqlite/runs.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { summed, sumOf } from '../../src/store/sqlite/sums.js';
import { nameForms } from '../../src/text/names.js';
import { addMessages, makeData, password } from '../salond-data.js';

/** How many rooms there are that nobody is in. */
export const halls = 25_000;

/** The name of one of them. */
export function hall(index: number): string {
  return `hall-${index}`;
}

/** A room of the longest messages: 4,096 characters, each of which takes six bytes of a line. */
export const long = 'long';
/** How many messages it has. */
export const longLength = 1000;

/** A room of many messages of 100 bytes. */
export const big = 'big';
/** How many messages it has. */
export const bigLength = 50_000;

/** How many other messages there are where backups are measured, so that each takes seconds. */
export const archived = 1_000_000;

/** The room that a session joins and leaves all the time. */
export const churned = 'churned';

/** A name that attackers guess a password for: of users who exist and of users who don't. No honest user's. */
export function guessed(index: number): string {
  return index % 2 === 0 ? `load-${70 + ((index / 2) % 30)}` : `nobody-${index}`;
}

/**
 * Costs of a password hash. An attack needs many sessions, and not all attacks are about hashes: with the cheap ones
 * attackers get in fast. The others are those of the default settings.
 */
export const hashes = {
  cheap: { logN: 10, r: 8, p: 1 },
  costly: { logN: 15, r: 8, p: 3 },
} as const satisfies Readonly<Record<string, ScryptParameters>>;

/** Makes the data folder, with users `load-N`, and with `messages` messages in rooms that nobody reads. */
export async function makeFloodData(
  folder: string,
  users: number,
  cost: ScryptParameters,
  messages = 0,
): Promise<void> {
  mkdirSync(folder);
  await makeData(folder, users, cost);
  const store = await SqliteStore.open(folder);
  const { directory } = store;
  const owner = (await directory.findUser('load-0'))?.id;
  await Promise.all(Array.from({ length: halls }, (_, index) => directory.openRoom(nameForms(hall(index)), owner)));
  const ids: number[] = [];
  for (const name of [long, big]) {
    const room = await directory.openRoom(nameForms(name), owner);
    if (typeof room === 'string') throw new Error(`the room ${name} can't be made: ${room}`);
    ids.push(room.id);
  }
  await store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  await fill(database, ids[0] ?? 0, longLength, '\u0001'.repeat(4096));
  await fill(database, ids[1] ?? 0, bigLength, 'x'.repeat(100));
  await database.close();
  if (messages > 0) await addMessages(folder, messages);
  sync(join(folder, 'salond.db'));
}

/** Bans addresses in a folder that no daemon uses. */
export async function ban(folder: string, addresses: readonly string[]): Promise<void> {
  const store = await SqliteStore.open(folder);
  const created = Date.now();
  await Promise.all(
    addresses.map((address) =>
      store.directory.setBan({ kind: 'network', target: `${address}/32`, reason: '', created, until: undefined }),
    ),
  );
  await store.close();
}

/**
 * Raises what each check of a password costs to that of the default settings, also while a daemon uses the folder: a
 * check takes the time of one hash for each cost that an account has, so one costly account is enough. Thousands of
 * sessions can log in by cheap hashes before that.
 */
export async function raiseCost(folder: string): Promise<void> {
  const hash = await new Passwords(hashes.costly, 1).hash(password);
  const { name, key } = nameForms('costly');
  const row = [name, key, 'C', 'C', hash, Date.now(), 'active', 1, ''] as const;
  const database = await Database.open(join(folder, 'salond.db'));
  await database.all(
    `INSERT INTO users (${summed('users')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...row,
    sumOf(row),
  );
  await database.close();
}

/** Stores the same text so many times in a room, in runs of 100. */
async function fill(database: Database, room: number, count: number, text: string): Promise<void> {
  const runs = new RunBatch();
  const escaped = JSON.stringify(text).slice(1, -1);
  for (let first = 1; first <= count; first += 100) {
    runs.begin(room, first, 1_790_000_000_000 + first);
    for (let at = 0; at < 100; at += 1) runs.addText(1 + (at % 50), 'text', 0, escaped);
    runs.end();
    await database.all(insertRuns, ...runs.take());
  }
}
