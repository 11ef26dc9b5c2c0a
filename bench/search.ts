// `npm run bench:search -- cost room lag`: measures what the index of searches costs by thread, a room of 1,000,000
// messages, and how far the index is behind at fixed rates, or all of them. Prints the tables, and writes them into
// docs/search.md if all were measured. It takes four minutes on a quiet machine; MESSAGES is the size of the room,
// SECONDS how long each rate flows.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf } from './arguments.js';
import { compile } from './generator.js';
import { number, replaceMarked, table } from './markdown.js';
import { root } from './process.js';
import { measureCosts, type IndexingCost } from './search-cost.js';
import { measureLags, type LagAtRate } from './search-lag.js';
import { measureRoom, type SearchedRoom, type TimesTaken } from './search-room.js';
import { makeWorkFolder } from './work-folder.js';

const parts = ['cost', 'room', 'lag'] as const;

function isPart(name: string): name is (typeof parts)[number] {
  return parts.some((part) => part === name);
}

function costTable(costs: readonly IndexingCost[]): string {
  const head = [
    'messages of a commit',
    'indexed at a time',
    'reading, loop',
    'reading, pool',
    'writing, loop',
    'writing, pool',
    'all',
  ];
  const rows = costs.map(({ inCommit, atOnce, reading, writing }) => {
    const times = [reading.loop, reading.others, writing.loop, writing.others];
    const all = times.reduce((sum, each) => sum + each, 0);
    return [number(inCommit), number(atOnce), ...[...times, all].map((each) => number(each, 1))];
  });
  return table(head, rows, []);
}

function roomTable(room: SearchedRoom): string {
  const spread = ({ least, median, most }: TimesTaken): string =>
    `${number(median, 1)} ms (${number(least, 1)} to ${number(most, 1)})`;
  const mebibytes = (bytes: number): string => `${number(bytes / 2 ** 20, 1)} MiB`;
  return table(
    ['', `${number(room.messages)} messages of ${number(room.bytes)} bytes`],
    [
      ...Object.entries(room.searches).map(([name, times]) => [name, spread(times)]),
      ['the newest 100, by `readAfter`', spread(room.newest)],
      ['messages indexed a second, without rests', number(room.rate)],
      ['the longest step of that', `${number(room.longest)} ms`],
      ["a deleted message's words are gone from the files", `${number(room.purge, 1)} s`],
      ['`salond.db`', mebibytes(room.database)],
      ['`salond.search`', mebibytes(room.index)],
      ['both, in times of `salond.db`', number((room.database + room.index) / room.database, 2)],
    ],
  );
}

function lagTable(lags: readonly LagAtRate[], seconds: number): string {
  const head = [
    'messages/s asked',
    'delivered',
    'processors',
    `behind after ${seconds / 2} s`,
    `at the end`,
    'at most',
    'caught up after',
  ];
  const rows = lags.map(({ asked, messages, server, half, end, most, caughtUp }) => [
    ...[asked, messages].map((each) => number(each)),
    number(server, 2),
    ...[half, end, most].map((each) => number(each)),
    Number.isNaN(caughtUp) ? 'over a minute' : `${number(caughtUp, 1)} s`,
  ]);
  return table(head, rows, []);
}

function circumstances(load: number): string {
  const [first] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `Measured on ${date} with Node ${process.versions.node} on ${cpus().length} × ${first?.model ?? 'unknown'}, at a load of ${load.toFixed(1)} before it began.`;
}

async function run(args: readonly string[]): Promise<void> {
  const unknown = args.find((name) => !isPart(name));
  if (unknown !== undefined) throw new BenchError(`there is no part ${unknown}: they are ${parts.join(' ')}`);
  const asked = args.length === 0 ? parts : args.filter(isPart);
  const { messages, seconds } = sizesOf(process.env, { rounds: 1, seconds: 12, messages: 1_000_000 });
  const [load = NaN] = loadavg();
  if (asked.includes('lag')) compile();
  const folder = makeWorkFolder();
  const measure = {
    cost: async () => `Processor time of a message, in microseconds:\n\n${costTable(await measureCosts(folder))}`,
    room: async () => roomTable(await measureRoom(join(folder, 'room'), messages)),
    lag: async () =>
      `Messages that the index is behind, each rate for ${seconds} s:\n\n${lagTable(await measureLags(folder, seconds), seconds)}`,
  } as const;
  const texts = [circumstances(load)];
  for (const part of parts.filter((each) => asked.includes(each))) {
    texts.push(await measure[part]());
    process.stdout.write(`${texts.at(-1)}\n\n`);
  }
  if (asked.length < parts.length) return;
  const path = join(root, 'docs/search.md');
  const document = replaceMarked(readFileSync(path, 'utf8'), `\n${texts.join('\n\n')}\n`);
  if (document === undefined) throw new BenchError('docs/search.md has no marks for the tables');
  writeFileSync(path, document);
}

await fromCommandLine(() => run(process.argv.slice(2)));
