// Where scenarios of the community are played: a daemon in this process over one of the stores, whose room the test
// trims itself, at any moment.
import assert from 'node:assert/strict';
import type { Post } from '../../src/chat/post.js';
import { openSqliteStore } from '../../src/daemon/store.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { NewMessage } from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';
import { Random } from '../fuzz/random.js';
import { FarDatabase } from '../store/far-database.js';
import { FarStore } from '../store/far-store.js';
import { temporaryFolder, type Teardown } from '../support/daemon.js';
import { startInProcess } from '../support/in-process.js';
import { Chronicle, undisturbed } from './chronicle.js';
import { ForeignWriter } from './foreign-writer.js';
import type { EndDisturbance } from './stage.js';

/** The stores, by what is told of them. */
export const storeKinds = ['memory', 'a far store with a foreign writer', 'SQLite'] as const;

/** A daemon, and who else changes its data. */
export interface CommunityStage {
  readonly port: number;
  /** The tokens of users, by name. */
  readonly tokens: Map<string, string>;
  /** Whether nobody else writes messages. */
  readonly isAlone: boolean;
  /** Trims about so many messages of a room, if they are due. Fulfils with the id up to which all are trimmed. */
  trim(room: string, most: number): Promise<number>;
  /** Begins to write messages into the room, where somebody does. */
  disturb(room: string): EndDisturbance;
}

const env = {
  SALOND_EXEMPT_ADDRESSES: '127.0.0.1',
  SALOND_CONNECTIONS_PER_MINUTE: '100000',
  SALOND_DURABILITY: 'relaxed',
};

/** The longest way to the far database, in milliseconds. */
const longestDelay = 2;

/** Starts a daemon over such a store. It is stopped at the test's end, and may have complained of nothing. */
export async function startCommunity(
  t: Teardown,
  kind: (typeof storeKinds)[number],
  seed: number,
): Promise<CommunityStage> {
  let store: Store<Post> = new MemoryStore<Post>();
  let others: Store | undefined;
  let writer: ForeignWriter | undefined;
  if (kind === 'a far store with a foreign writer') {
    const random = new Random(seed);
    const database = new FarDatabase(random, longestDelay);
    store = new FarStore<Post>(database);
    others = new FarStore<NewMessage>(database);
    writer = new ForeignWriter(new FarStore(database), random);
  }
  const running = await startInProcess(
    temporaryFolder(t),
    async (...settings) => (kind === 'SQLite' ? (store = await openSqliteStore(...settings)) : store),
    env,
  );
  t.teardown(async () => {
    await running.daemon.stop('test');
    assert.deepEqual([running.exits, running.log.filter(({ level }) => level !== 'info')], [[0], []]);
  });
  return {
    port: running.port,
    tokens: new Map(),
    isAlone: writer === undefined,
    trim: async (name, most) => {
      const { directory } = others ?? store;
      const room = await directory.findRoom(name);
      if (room === undefined) return 0;
      await directory.trimMessages(room.id, { seconds: 0, messages: 0 }, Date.now(), most);
      return (await directory.findRoom(name))?.erased ?? 0;
    },
    disturb: (room) => writer?.begin([room], new Chronicle(undisturbed)) ?? (() => Promise.resolve()),
  };
}
