// Measures searches in one room of many messages: how long the index takes to follow, how large it is beside the
// database, and how long a search and the newest 100 messages take.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { LogId } from '../src/store/log.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { queryOf } from '../src/text/words.js';
import { Writer } from '../test/support/writer.js';
import { median } from './rounds.js';
import { newText, words } from './search-words.js';

/** Messages of a commit: in a quiet room it is one, in a busy one some. */
const inCommit = 5;

/** How often each time is taken. */
const times = 20;

/** The shortest, the median and the longest of some times, in milliseconds. */
export interface TimesTaken {
  readonly least: number;
  readonly median: number;
  readonly most: number;
}

/** The figures of a room. */
export interface SearchedRoom {
  readonly messages: number;
  /** Bytes of a text, on average. */
  readonly bytes: number;
  /** How long searches take that find and read 100 messages, by what is searched for. */
  readonly searches: Readonly<Record<string, TimesTaken>>;
  /** How long the newest 100 messages take. */
  readonly newest: TimesTaken;
  /** Messages that were indexed a second, without rests, while nothing else was done. */
  readonly rate: number;
  /** Milliseconds of the longest step. */
  readonly longest: number;
  /** Seconds until the words of a deleted message were out of the files. */
  readonly purge: number;
  /** Bytes of the two files. */
  readonly database: number;
  readonly index: number;
}

/** What is searched for. */
const queries = {
  'the most common word': words[0],
  'two common words': `${words[1]} ${words[4]}`,
  'three words': `${words[30]} ${words[100]} ${words[200]}`,
  'a rare word': words[40_000],
  'a word that is not there': 'nowhere-at-all',
} as const;

async function timesOf(work: () => Promise<unknown>): Promise<TimesTaken> {
  const taken: number[] = [];
  for (let run = 0; run < times; run += 1) {
    const from = performance.now();
    await work();
    taken.push(performance.now() - from);
  }
  return { least: Math.min(...taken), median: median(taken), most: Math.max(...taken) };
}

/** Has the index take everything. Answers how many messages it took a second, and its longest step. */
async function follow({ search }: SqliteStore<never>): Promise<Pick<SearchedRoom, 'rate' | 'longest'>> {
  let [count, longest] = [0, 0];
  const begun = performance.now();
  for (let more = true; more; ) {
    const from = performance.now();
    const step = await search.step();
    ({ more } = step);
    count += step.count;
    longest = Math.max(longest, performance.now() - from);
  }
  return { rate: (count / (performance.now() - begun)) * 1000, longest };
}

async function timesOfSearches({ search, log }: SqliteStore<never>, room: LogId): Promise<SearchedRoom['searches']> {
  const found: Record<string, TimesTaken> = {};
  for (const [name, query = ''] of Object.entries(queries)) {
    found[name] = await timesOf(async () => {
      const ids = await search.find(room, queryOf(query), { after: 0, before: Infinity }, 101);
      await log.readEach(room, ids.slice(0, 100).reverse());
    });
  }
  return found;
}

/** Measures a room of so many messages, in the new folder `folder`. */
export async function measureRoom(folder: string, messages: number): Promise<SearchedRoom> {
  const store = await SqliteStore.open<never>(folder, 'relaxed');
  const writer = new Writer(store);
  const authors = await Promise.all(['alice', 'bob', 'carol'].map((name) => writer.user(name)));
  const [alice = { id: 0, name: '' }] = authors;
  const { id: room } = await writer.room('lobby', alice.id);
  let bytes = 0;
  for (let said = 0; said < messages; said += inCommit) {
    const texts = Array.from({ length: inCommit }, newText);
    bytes += texts.join('').length;
    await writer.say(room, authors[(said / inCommit) % 3] ?? alice, ...texts);
  }
  const following = await follow(store);
  const searches = await timesOfSearches(store, room);
  const newest = await timesOf(() => store.log.readAfter(room, messages - 100, messages, 100));
  const begun = performance.now();
  await store.log.deleteMessage(room, 1, () => true);
  await store.erasures.overwritten();
  const purge = (performance.now() - begun) / 1000;
  await store.close();
  const size = (name: string): number => statSync(join(folder, name)).size;
  const files = { database: size('salond.db'), index: size('salond.search') };
  return { messages, bytes: bytes / messages, searches, newest, ...following, purge, ...files };
}
