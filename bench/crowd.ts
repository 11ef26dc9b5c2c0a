// `npm run bench:crowd`: what it costs that everybody in a room of thousands is cut off and comes back: lines and bytes
// about who came and went, with the counts of the second edition, with a grace, and with a line for each as in the
// first edition. Prints tables. It takes a minute or two, and a file for each member in this process and the daemon.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromCommandLine } from './arguments.js';
import { table } from './markdown.js';
import { CrowdMember, type Tally } from './member.js';
import { processorTime, type Running } from './process.js';
import { makeData, makeTokens } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

/** Clients that connect at one time, by the edition that they speak: few passwords are checked at one time. */
const connecting = { 1: 32, 2: 256 } as const;

/** Milliseconds after which the last counts have come: they come once a second (PROTOCOL.md §4.2). */
const settling = 1500;

/** A kind of crowd, and how many members it is measured with. */
interface Kind {
  readonly title: string;
  readonly edition: 1 | 2;
  readonly settings: Readonly<Record<string, string>>;
  readonly sizes: readonly number[];
}

const kinds: readonly Kind[] = [
  { title: 'second edition: counts (107)', edition: 2, settings: {}, sizes: [1250, 2500, 5000] },
  {
    title: 'second edition, back within the grace',
    edition: 2,
    settings: { SALOND_PRESENCE_GRACE_SECONDS: '300' },
    sizes: [1250, 5000],
  },
  { title: 'first edition: a line for each (101)', edition: 1, settings: {}, sizes: [250, 500] },
];

/** Brings so many members in. Answers them in their order. */
async function bringIn(
  count: number,
  { port }: Running,
  { edition }: Kind,
  tokens: readonly string[],
  tally: Tally,
): Promise<readonly CrowdMember[]> {
  const members: CrowdMember[] = [];
  let next = 0;
  const come = async (): Promise<void> => {
    for (let each = next++; each < count; each = next++) {
      const token = edition === 2 ? tokens[each] : undefined;
      members.push(await CrowdMember.enter({ port, username: `load-${each}`, token, room: 'room-0' }, tally));
    }
  };
  await Promise.all(Array.from({ length: connecting[edition] }, come));
  return members;
}

function newTally(): Tally {
  return { names: 0, counts: 0, bytes: 0, allBytes: 0 };
}

function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Measures a crowd, and answers a row of the table. */
async function measureCrowd(data: string, tokens: readonly string[], kind: Kind, size: number): Promise<string[]> {
  const running = await salond({ data, settings: kind.settings }).start();
  try {
    const before = openFiles(running.pid);
    const members = await bringIn(size, running, kind, tokens, newTally());
    for (const member of members) member.breakOff();
    while (openFiles(running.pid) > before + 10) await sleep(20);
    const tally = newTally();
    const [begin, spent] = [performance.now(), processorTime(running.pid)];
    const back = await bringIn(size, running, kind, tokens, tally);
    const seconds = (performance.now() - begin) / 1000;
    await sleep(settling);
    const used = (processorTime(running.pid) - spent) / 1e6;
    for (const member of back) member.breakOff();
    const { names, counts, bytes, allBytes } = tally;
    return [
      ...[size, names, counts].map(String),
      ((names + counts) / size).toFixed(1),
      (bytes / size).toFixed(0),
      (allBytes / 1e6).toFixed(1),
      seconds.toFixed(1),
      used.toFixed(1),
    ];
  } finally {
    await running.stop();
  }
}

const columns = [
  'members',
  'lines 101 and 102',
  'lines 107',
  'of both for a member',
  'their bytes for a member',
  'MB with all replies',
  'seconds until all were back',
  "seconds of the daemon's processor time",
];

async function measure(): Promise<void> {
  const most = Math.max(...kinds.flatMap(({ sizes }) => sizes));
  const data = join(makeWorkFolder(), 'crowd');
  await makeData(data, most);
  const tokens = await makeTokens(data, most, 1);
  for (const kind of kinds) {
    const rows: string[][] = [];
    for (const size of kind.sizes) rows.push(await measureCrowd(data, tokens, kind, size));
    process.stdout.write(`${kind.title}\n\n${table(columns, rows)}\n\n`);
  }
}

await fromCommandLine(measure);
