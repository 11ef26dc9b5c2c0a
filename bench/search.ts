// Measures the search index over messages of one room: `npx tsc; node dist/bench/search.js [MESSAGES]`. Says how long
// it takes to make, how large it is beside the database, and how long a search and the newest 100 messages take.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../src/store/sqlite/database.js';
import { SearchIndex } from '../src/store/sqlite/search-index.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { Writer } from '../test/support/writer.js';
import { median } from './rounds.js';

const messages = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'salond-search-'));
/** Words as a language has them: few are common, many are rare. */
const word = (): string => `w${Math.floor(50_000 * Math.random() ** 4).toString(36)}`;
const text = (): string => Array.from({ length: 5 + Math.floor(Math.random() * 20) }, word).join(' ');
const mebibytes = (name: string): number => statSync(join(folder, name)).size / 2 ** 20;

const store = await SqliteStore.open(folder, 'relaxed');
const writer = new Writer(store);
const alice = await writer.user('alice');
const { id: room } = await writer.room('lobby', alice.id);
for (let said = 0; said < messages; said += 5000) {
  // Ten to a commit, as in a busy room.
  for (let part = 0; part < 5000; part += 10) {
    await writer.say(room, alice, ...Array.from({ length: 10 }, text));
  }
}
const reader = await Database.open(join(folder, 'salond.db'), { readOnly: true });
const index = await SearchIndex.open(join(folder, 'salond.search'), reader);
const begun = performance.now();
while ((await index.advance()) > 0);
console.log(`${messages} messages indexed in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
for (const query of ['w0', 'w1 w2', 'wa wb wc', `w${(40_000).toString(36)}`, 'nowhere']) {
  const times: number[] = [];
  let found = 0;
  for (let run = 0; run < 20; run += 1) {
    const from = performance.now();
    const ids = await index.find(room, query, [0, Number.MAX_SAFE_INTEGER], 100);
    times.push(performance.now() - from);
    found = ids.length;
  }
  console.log(
    `${query}: ${found} found, median ${median(times).toFixed(2)} ms, longest ${Math.max(...times).toFixed(2)} ms`,
  );
}
const newest = performance.now();
await store.log.readAfter(room, messages - 100, messages, 100);
console.log(`the newest 100: ${(performance.now() - newest).toFixed(2)} ms`);
await index.purge();
await index.close();
await reader.close();
await store.close();
const [database, search] = [mebibytes('salond.db'), mebibytes('salond.search')];
console.log(
  `database ${database.toFixed(1)} MiB, index ${search.toFixed(1)} MiB: ${((database + search) / database).toFixed(2)} times`,
);
rmSync(folder, { recursive: true });
