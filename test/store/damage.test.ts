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
      room: { ...room, roles: [...room.roles], bans: [...room.bans] },
      bans: await directory.listRoomBans(room.id, '', 10, 0),
      members: await store.memberships.listMembers(room.id, '', 10),
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
    said: listed[0] && readOf((await store.log.readAfter(listed[0].log, 0, 100, 100)).messages),
    blocked: [await store.blocks.has(1, 2), await store.blocks.list(1, 10)],
    tokens: await store.tokens.list(1),
    token: await store.tokens.find('token1'),
    mine: await store.memberships.listRooms(1, '', 10),
    invitations: await store.invitations.list('', 10),
    seen: await store.lastSeen.of(1),
    listed: (await directory.listRooms('', '', 100)).rooms,
    named: [...(await directory.namesOf([1, 2]))],
  };
}

interface Snapshot {
  readonly folder: string;
  readonly files: readonly string[];
}

/** Gives roles, bans, memberships, settings, tokens and invitations, some of which end again. A user is erased. */
async function changeRecords(writer: Writer, [alice, bob, carol]: readonly Author[]): Promise<void> {
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('there are three');
  const { store } = writer;
  const { directory, memberships, tokens, invitations } = store;
  const { id } = await writer.room('attic', alice.id);
  const ban = { user: carol.id, by: alice.id, reason: 'noise', created: 5, until: undefined };
  await directory.changeRoom(id, { role: { user: bob.id, role: 'moderator' } });
  await directory.changeRoom(id, { removal: { user: carol.id, by: 'alice', reason: 'noise', ban } });
  await directory.changeRoom(id, { settings: { keepMessages: 20, welcome: 'Be kind.', moderated: true } });
  for (const { id: member, name } of [alice, bob, carol]) {
    const membership = { room: id, user: member, key: name };
    const many = { most: 10, password: 0 };
    if (member === bob.id) await memberships.change({ ...membership, ...many, kind: 'invite', by: alice.id });
    else await memberships.change({ ...membership, ...many, kind: 'join' });
    if (member === alice.id) await memberships.change({ ...membership, kind: 'read', id: 0 });
    if (member === carol.id) await memberships.change({ ...membership, kind: 'end' });
  }
  const keys = { storedKey: `${'k'.repeat(42)}A`, serverKey: `${'s'.repeat(42)}A` };
  for (let count = 1; count <= 3; count += 1) {
    const token = {
      id: `token${count}`,
      parent: undefined,
      label: 'phone',
      settings: '',
      created: count,
      expires: undefined,
    };
    await tokens.add({ ...token, ...keys, user: alice.id }, 10);
    const { created } = token;
    const about = { id: `invitation${count}`, hash: Buffer.alloc(32, count), uses: 2, created, until: undefined };
    await invitations.add(about);
  }
  await tokens.remove(alice.id, 'token2');
  await invitations.remove('invitation2');
  await store.lastSeen.mark(new Map([[alice.id, 77]]));
  const gone = await writer.user('dave');
  await directory.deleteUser(gone.id, true);
  await store.erasures.eraseTexts(gone.id);
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
  await changeRecords(writer, authors);
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
    if (commit > 30) await writer.store.directory.trimMessages(room.id, { seconds: 0, messages: 0 }, 0, 3);
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
