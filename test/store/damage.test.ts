// Bits that turn and ends that are cut off, in the database and in its log: the store has the data as it was, or says
// which file is damaged. It never serves anything else, and deletes nothing. `npm run test:slow` does it more often.
import { cpSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import t, { type Test } from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { DataError } from '../../src/store/sqlite/data-error.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import type { Author } from '../../src/store/log.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { temporaryFolder } from '../support/daemon.js';
import { readOf, Writer } from '../support/writer.js';

const damages = Number(process.env['DAMAGES'] ?? 100);
const names = ['alice', 'bob', 'carol'];
const rooms = ['lobby', 'attic', 'den'];

/** Everything that can be asked of a store. */
async function readAll(store: Store): Promise<unknown> {
  const { log, directory } = store;
  const users = await Promise.all(names.map((name) => directory.findUser(name)));
  const logs = [];
  for (const name of rooms) {
    const room = await directory.openRoom(nameForms(name), undefined);
    if (typeof room === 'string') {
      logs.push(room);
      continue;
    }
    const { head } = await log.follow(room.id);
    const keyed = await Promise.all(
      Array.from({ length: 40 }, (_, at) => log.findKeyed(room.id, 1 + (at % 3), `k${at}`)),
    );
    logs.push({
      room: { ...room, roles: [...room.roles] },
      head,
      after: readOf((await log.readAfter(room.id, 0, head, 1000)).messages),
      edited: [...(await log.readAfter(room.id, 0, head, 1000)).edited],
      before: readOf((await log.readAfter(room.id, Math.max(0, head - 50), head, 50)).messages),
      // The store may have to read more than it answers.
      part: readOf((await log.readAfter(room.id, 0, head, 1000, 1)).messages),
      otherPart: readOf((await log.readAfter(room.id, Math.floor(head / 2), head, 1000, 200)).messages),
      keyed,
    });
  }
  const listed = await store.conversations.list(1, undefined, 10);
  return {
    users,
    logs,
    conversations: listed,
    others: await store.conversations.list(2, undefined, 10),
    found: await store.conversations.find(1, 2),
    read: listed[0] && (await store.conversations.readOf(1, listed[0].log)),
    said: listed[0] && readOf((await store.log.readAfter(listed[0].log, 0, 100, 100)).messages),
    blocked: [await store.blocks.has(1, 2), await store.blocks.list(1, 10)],
    listed: (await directory.listRooms('', '', 100)).rooms,
    named: [...(await directory.namesOf([1, 2]))],
  };
}

interface Snapshot {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Two folders with the same data: as a killed daemon leaves it, half of it in the log, and as one that was stopped. */
async function snapshots(t: Test): Promise<readonly Snapshot[]> {
  const [live, killed, stopped] = [temporaryFolder(t), temporaryFolder(t), temporaryFolder(t)];
  const writer = new Writer(await SqliteStore.open(live));
  const authors: Author[] = [];
  for (const name of names) authors.push(await writer.user(name, Buffer.alloc(96, name)));
  const [alice = { id: 0, name: '' }, ...others] = authors;
  for (const other of [...others, ...others]) {
    const { log } = await writer.store.conversations.open(other.id, alice.id);
    await writer.say(log, other, `psst ${other.name}`, 'are you there?');
    await writer.store.conversations.markRead(alice.id, log, 1);
    await writer.store.blocks.add(alice.id, other.id, 10);
  }
  for (let commit = 0; commit < 60; commit += 1) {
    const room = await writer.room(rooms[commit % 3] ?? '', authors[0]?.id);
    await writer.append(
      ...Array.from({ length: 1 + (commit % 7) }, (_, at) => ({
        log: room.id,
        author: authors[at % 3] ?? { id: 0, name: '' },
        text: `text ${commit} ${at} ${'x'.repeat(commit * 7)}`,
        kind: 'text' as const,
        about: 0,
        key: at === commit % 3 ? `k${commit}` : undefined,
      })),
    );
    if (commit % 10 === 9) {
      const target = { log: room.id, about: 1, key: undefined };
      const author = authors[0] ?? { id: 0, name: '' };
      await writer.append({ ...target, author, text: `edit ${commit}`, kind: 'edit' });
      await writer.store.log.deleteMessage(room.id, commit - 7, () => true);
    }
    if (commit !== 30) continue;
    const other = await Database.open(join(live, 'salond.db'));
    await other.all('PRAGMA wal_checkpoint(PASSIVE)');
    await other.close();
  }
  cpSync(live, killed, { recursive: true });
  await writer.store.close();
  cpSync(live, stopped, { recursive: true });
  return [
    { folder: killed, files: ['salond.db', 'salond.db-wal'] },
    { folder: stopped, files: ['salond.db'] },
  ];
}

type Outcome = 'as it was' | 'refused at the start' | 'refused when read';

async function outcomeOf(folder: string, expected: unknown): Promise<Outcome> {
  let store: Store;
  try {
    store = await SqliteStore.open(folder);
  } catch (error) {
    if (error instanceof DataError && error.message.startsWith(join(folder, 'salond.db')))
      return 'refused at the start';
    throw error;
  }
  try {
    const found = await readAll(store);
    if (JSON.stringify(found) !== expected) throw new Error(`served: ${JSON.stringify(found)}`);
    return 'as it was';
  } catch (error) {
    if (error instanceof StoreFailure && error.message.includes('salond.db')) return 'refused when read';
    throw error;
  } finally {
    await store.close();
  }
}

t.test(`with ${damages} damages`, async (t) => {
  const all = await snapshots(t);
  const work = join(temporaryFolder(t), 'data');
  const copy = (folder: string): void => {
    rmSync(work, { recursive: true, force: true });
    cpSync(folder, work, { recursive: true });
  };
  copy(all[1]?.folder ?? '');
  const whole = await SqliteStore.open(work);
  const expected = JSON.stringify(await readAll(whole));
  await whole.close();
  for (const { folder } of all) {
    copy(folder);
    t.equal(await outcomeOf(work, expected), 'as it was', 'undamaged');
  }

  const counts: Record<Outcome, number> = { 'as it was': 0, 'refused at the start': 0, 'refused when read': 0 };
  const cases = all.flatMap(({ folder, files }) =>
    files.map((file) => ({ folder, file, size: statSync(join(folder, file)).size })),
  );
  const where = fc.constantFrom(...cases).chain(({ folder, file, size }) =>
    fc.record({
      folder: fc.constant(folder),
      file: fc.constant(file),
      at: fc.nat(size - 1),
      bit: fc.option(fc.nat(7), { freq: 4 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(where, async ({ folder, file, at, bit }) => {
      copy(folder);
      const path = join(work, file);
      if (bit === null) {
        truncateSync(path, at);
      } else {
        const bytes = readFileSync(path);
        bytes.writeUInt8((bytes[at] ?? 0) ^ (1 << bit), at);
        writeFileSync(path, bytes);
      }
      counts[await outcomeOf(work, expected)] += 1;
      if (!existsSync(join(work, 'salond.db'))) throw new Error('the database is gone');
    }),
    { numRuns: damages, endOnFailure: true },
  );
  t.comment(JSON.stringify(counts));
  t.ok(counts['as it was'] > 0 && counts['refused at the start'] > 0, 'both happen');
});
