// `npm run bench:tokens`: logins by token per second beside pings over the same connections, and how long it takes
// until many clients that connect at once have all logged in by token and joined their rooms again. With `-- --against
// REF` the daemon of that commit is measured too, by turns, on the same data. Prints a table. The processor time is the
// daemon's: other work on the machine changes it less than it changes the rest.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fromCommandLine } from './arguments.js';
import { Asker } from './asker.js';
import { checkOut } from './checkout.js';
import { table } from './markdown.js';
import { processorTime, root } from './process.js';
import { median, significant } from './rounds.js';
import { makeData, makeTokens } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

/** How many times each is measured, and requests of a measurement, which come after a third as many to warm up. */
const [rounds, requests] = [Number(process.env['ROUNDS'] ?? 3), Number(process.env['REQUESTS'] ?? 12_000)];

/** Users, each with a token, and as many clients that come back at once. */
const users = 2000;
/** How many of these are in a room. */
const together = 20;
/** Connections of the logins per second, each with one login at a time. */
const connections = 64;
/** Clients that connect at one time. */
const connecting = 256;

/** What was measured of one kind of request: how many a second, and microseconds of the daemon's time for each. */
interface Rate {
  readonly perSecond: number;
  readonly microseconds: number;
}

/** Asks `count` times over all connections. `next` makes the requests of one write. */
async function askMany(
  askers: readonly Asker[],
  count: number,
  next: () => readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  let asked = 0;
  await Promise.all(
    askers.map(async (asker) => {
      for (; asked < count; await asker.ask(...next())) asked += 1;
    }),
  );
}

/** Measures what `next` makes, after some to warm up. */
async function rateOf(
  pid: number,
  askers: readonly Asker[],
  next: () => readonly Readonly<Record<string, unknown>>[],
): Promise<Rate> {
  await askMany(askers, requests / 3, next);
  const [begin, spent] = [performance.now(), processorTime(pid)];
  await askMany(askers, requests, next);
  const perSecond = (requests * 1000) / (performance.now() - begin);
  return { perSecond, microseconds: (processorTime(pid) - spent) / requests };
}

/** Seconds until all clients have connected, logged in and joined. */
async function allBack(port: number, texts: readonly string[]): Promise<number> {
  const begin = performance.now();
  const askers: Asker[] = [];
  let next = 0;
  const come = async (): Promise<void> => {
    for (let each = next++; each < texts.length; each = next++) {
      const asker = await Asker.to(port);
      askers.push(asker);
      await asker.ask(
        { command: 'authenticate_token', token: texts[each] },
        { command: 'join_chatroom', username: `load-${each}`, room: `room-${Math.floor(each / together)}`, after: 0 },
      );
    }
  };
  await Promise.all(Array.from({ length: connecting }, come));
  const taken = (performance.now() - begin) / 1000;
  for (const asker of askers) asker.close();
  return taken;
}

/** What was measured of a daemon, round by round. */
interface Found {
  readonly logins: Rate[];
  readonly pings: Rate[];
  /** Seconds. */
  readonly back: number[];
}

async function measureRound(tree: string, data: string, texts: readonly string[], found: Found): Promise<void> {
  const running = await salond({ tree, data }).start();
  try {
    found.back.push(await allBack(running.port, texts));
    const askers = await Promise.all(Array.from({ length: connections }, () => Asker.to(running.port)));
    let at = 0;
    found.logins.push(
      await rateOf(running.pid, askers, () => {
        at = (at + 1) % users;
        const login = { command: 'authenticate_token', token: texts[at] };
        return [login, { command: 'log_out', username: `load-${at}` }];
      }),
    );
    found.pings.push(await rateOf(running.pid, askers, () => [{ command: 'ping' }]));
    for (const asker of askers) asker.close();
  } finally {
    await running.stop();
  }
}

/** What the table says of a daemon. */
function figuresOf({ logins, pings, back }: Found): readonly string[] {
  const of = (rates: readonly Rate[], what: keyof Rate): string =>
    String(significant(median(rates.map((rate) => rate[what])), 3));
  const ratios = logins.map(({ perSecond }, round) => perSecond / (pings[round]?.perSecond ?? NaN));
  return [
    of(logins, 'perSecond'),
    of(logins, 'microseconds'),
    of(pings, 'perSecond'),
    of(pings, 'microseconds'),
    median(ratios).toFixed(2),
    median(back).toFixed(1),
  ];
}

const measured = [
  'logins by token and log_out, pairs a second',
  'the same, microseconds of the daemon each',
  'pings a second',
  'the same, microseconds of the daemon each',
  'ratio of the rates, within a round',
  `${users} clients connect, log in and join, seconds`,
];

async function measure({ against }: { readonly against?: string | undefined }): Promise<void> {
  const folder = makeWorkFolder();
  const data = join(folder, 'tokens');
  await makeData(data, users);
  const texts = await makeTokens(data, users, Math.ceil(users / together));
  const trees = against === undefined ? [root] : [checkOut(against, join(folder, 'before')).folder, root];
  const found = trees.map((): Found => ({ logins: [], pings: [], back: [] }));
  for (let round = 0; round < rounds; round += 1)
    for (const [at, tree] of trees.entries()) {
      const taken = found[at];
      if (taken !== undefined) await measureRound(tree, data, texts, taken);
    }
  const columns = found.map(figuresOf);
  const titles = against === undefined ? ['median'] : [against, 'now'];
  const rows = measured.map((what, at) => [what, ...columns.map((column) => column[at] ?? '')]);
  process.stdout.write(`${table(['measured', ...titles], rows)}\n`);
}

const { values } = parseArgs({ options: { against: { type: 'string' } } });
await fromCommandLine(() => measure(values));
