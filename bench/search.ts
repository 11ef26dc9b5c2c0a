// Measures searches in one room: `npx tsc; node dist/bench/search.js [MESSAGES]`. Says how long the index takes to
// follow, how large it is beside the database, and how long a search and the newest 100 messages take. The words are
// random, as long as those of English and as often: few are common and short, many are rare and longer.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { queryOf } from '../src/text/words.js';
import { Writer } from '../test/support/writer.js';
import { median } from './rounds.js';

const messages = Number(process.argv[2] ?? 1_000_000);
/** As many messages are in a commit: in a quiet room it is one, in a busy one some. */
const inCommit = Number(process.argv[3] ?? 3);
const vocabulary = 50_000;
const folder = mkdtempSync(join(tmpdir(), 'salond-search-'));
const mebibytes = (...names: readonly string[]): number =>
  names.reduce((sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0), 0) / 2 ** 20;

/** Words by their rank, the most common first. */
function makeWords(): readonly string[] {
  const words = new Set<string>();
  while (words.size < vocabulary) {
    const length = Math.max(
      1,
      Math.round(1.5 + 0.45 * Math.log2(words.size + 1) + 3 * (Math.random() + Math.random() - 1)),
    );
    words.add(
      Array.from({ length }, () => 'etaoinshrdlucmfwypvbgkjqxz'[Math.floor(26 * Math.random() ** 1.6)]).join(''),
    );
  }
  return [...words];
}

const words = makeWords();
/** Zipf's law: a word is as rare as its rank. */
const sums: number[] = [];
for (let [rank, sum] = [1, 0]; rank <= vocabulary; rank += 1) sums.push((sum += 1 / (rank + 2.7)));

function word(): string {
  const asked = Math.random() * (sums.at(-1) ?? 0);
  let [low, high] = [0, vocabulary - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) < asked) low = middle + 1;
    else high = middle;
  }
  return words[low] ?? '';
}

/** Of twenty times, in milliseconds. Where others use the machine, the shortest tells most. */
function spread(times: readonly number[]): string {
  const shown = [Math.min(...times), median(times), Math.max(...times)].map((each) => each.toFixed(1));
  return `${shown[0] ?? ''} to ${shown[2] ?? ''} ms, median ${shown[1] ?? ''}`;
}

/** Ten words on average, one as a rule, and sometimes many. */
const text = (): string =>
  Array.from({ length: Math.min(80, 1 + Math.floor(-10 * Math.log(1 - Math.random()))) }, word).join(' ');

const store = await SqliteStore.open(folder, 'relaxed');
const writer = new Writer(store);
const authors = await Promise.all(['alice', 'bob', 'carol'].map((name) => writer.user(name)));
const [alice = { id: 0, name: '' }] = authors;
const { id: room } = await writer.room('lobby', alice.id);
let [bytes, stored] = [0, performance.now()];
for (let said = 0; said < messages; said += inCommit) {
  const texts = Array.from({ length: inCommit }, text);
  bytes += texts.join('').length;
  await writer.say(room, authors[(said / inCommit) % 3] ?? alice, ...texts);
}
stored = performance.now() - stored;
console.log(`${messages} messages of ${(bytes / messages).toFixed(0)} bytes stored in ${(stored / 1000).toFixed(1)} s`);

let [count, longest, merged] = [0, 0, 0];
const begun = performance.now();
for (let more = true; more; ) {
  const from = performance.now();
  const step = await store.search.step();
  ({ more } = step);
  const took = performance.now() - from;
  count += step.count;
  longest = Math.max(longest, took);
  if (step.count === 0) merged += took;
}
const took = performance.now() - begun;
console.log(
  `${count} indexed in ${(took / 1000).toFixed(1)} s (${(merged / 1000).toFixed(1)} s of it merging), the longest step ${longest.toFixed(1)} ms`,
);
const file = mebibytes('salond.search', 'salond.search-wal');

const queries = {
  'the most common word': words[0],
  'two common words': `${words[1]} ${words[4]}`,
  'three words': `${words[30]} ${words[100]} ${words[200]}`,
  'a rare word': words[40_000],
  'no such word': 'nowhere-at-all',
};
for (const [name, query = ''] of Object.entries(queries)) {
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run < 20; run += 1) {
    const from = performance.now();
    const ids = await store.search.find(room, queryOf(query), { after: 0, before: Infinity }, 101);
    await store.log.readEach(room, ids.slice(0, 100).reverse());
    times.push(performance.now() - from);
    found = ids.length;
  }
  console.log(`${name}: ${found} found and read in ${spread(times)}`);
}
const newest: number[] = [];
for (let run = 0; run < 20; run += 1) {
  const from = performance.now();
  await store.log.readAfter(room, messages - 100, messages, 100);
  newest.push(performance.now() - from);
}
console.log(`the newest 100 in ${spread(newest)}`);
const purge = performance.now();
await store.log.deleteMessage(room, 1, () => true);
await store.erasures.overwritten();
console.log(`purged of a deleted message in ${((performance.now() - purge) / 1000).toFixed(1)} s`);
await store.close();
const [database, search] = [mebibytes('salond.db'), mebibytes('salond.search')];
console.log(
  `database ${database.toFixed(1)} MiB, index ${file.toFixed(1)} MiB with its log, ${search.toFixed(1)} MiB merged: ${((database + file) / database).toFixed(2)} times, ${((database + search) / database).toFixed(2)} merged`,
);
rmSync(folder, { recursive: true });
