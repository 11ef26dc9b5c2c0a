// Measures the processor time that indexing a message takes, by thread: reading and folding, and FTS5's writing.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Database } from '../src/store/sqlite/database.js';
import { SearchIndex } from '../src/store/sqlite/search-index.js';
import { SearchSource } from '../src/store/sqlite/search-source.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { Writer } from '../test/support/writer.js';
import { newText } from './search-words.js';

/** Messages of a commit, how many of them are indexed at a time, and how many are measured. */
const cases = [
  { inCommit: 1, atOnce: 1, messages: 3000 },
  { inCommit: 1, atOnce: 64, messages: 20_000 },
  { inCommit: 1, atOnce: 512, messages: 40_000 },
  { inCommit: 50, atOnce: 500, messages: 60_000 },
  { inCommit: 50, atOnce: 5000, messages: 60_000 },
] as const;

/** Microseconds for a message on the loop's thread, and on all others: the pool's, and those that collect garbage. */
export interface ThreadTimes {
  readonly loop: number;
  readonly others: number;
}

/** The time of a message, by what it is spent for. */
export interface IndexingCost {
  readonly inCommit: number;
  readonly atOnce: number;
  readonly reading: ThreadTimes;
  readonly writing: ThreadTimes;
}

/** The microseconds that the threads of this process have run. */
function threadTimes(): ThreadTimes {
  let [loop, others] = [0, 0];
  for (const thread of readdirSync('/proc/self/task')) {
    const nanoseconds = Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    if (Number(thread) === process.pid) loop += nanoseconds / 1000;
    else others += nanoseconds / 1000;
  }
  return { loop, others };
}

const minus = (one: ThreadTimes, other: ThreadTimes): ThreadTimes => ({
  loop: one.loop - other.loop,
  others: one.others - other.others,
});

/** Measures each case, in folders of its own below `folder`. */
export async function measureCosts(folder: string): Promise<readonly IndexingCost[]> {
  const costs: IndexingCost[] = [];
  for (const [at, each] of cases.entries()) costs.push(await measureCost(join(folder, `cost-${at}`), each));
  return costs;
}

async function measureCost(
  folder: string,
  { inCommit, atOnce, messages }: (typeof cases)[number],
): Promise<IndexingCost> {
  const store = await SqliteStore.open(folder, 'relaxed');
  const writer = new Writer(store);
  const alice = await writer.user('alice');
  const { id: room } = await writer.room('lobby', alice.id);
  for (let said = 0; said < messages; said += inCommit)
    await writer.say(room, alice, ...Array.from({ length: inCommit }, newText));
  await store.close();
  const reader = await Database.open(join(folder, 'salond.db'));
  const index = await SearchIndex.open(join(folder, 'salond.search'));
  const read = (): Promise<ThreadTimes> => timesOf(reader, atOnce, async () => undefined);
  // The first time the code is compiled.
  await read();
  const reading = await read();
  const both = await timesOf(reader, atOnce, (change) => index.write(change));
  await index.close();
  await reader.close();
  return { inCommit, atOnce, reading, writing: minus(both, reading) };
}

type Change = NonNullable<Awaited<ReturnType<SearchSource['after']>>>;

/** Reads all messages, so many at a time, and does something with them. */
async function timesOf(reader: Database, atOnce: number, use: (change: Change) => Promise<void>): Promise<ThreadTimes> {
  const source = await SearchSource.prepare(reader);
  const begun = threadTimes();
  let count = 0;
  const { newest } = await source.state(0, 0);
  for (let at = { seq: 0, room: 0, last: 0 }; ; ) {
    const next = await source.after(at, newest, atOnce);
    if (next === undefined) break;
    await use(next);
    count += next.upTo.added;
    at = next.upTo;
  }
  const { loop, others } = minus(threadTimes(), begun);
  return { loop: loop / count, others: others / count };
}
