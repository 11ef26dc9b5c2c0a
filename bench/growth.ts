// `npm run bench:growth`: measures messages per second against the number of rooms, members, idle connections, stored
// messages and bytes. Draws docs/growth.svg, and reports whether a curve falls faster than its work grows.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, fromCommandLine, sizesOf, type Sizes } from './arguments.js';
import { fallsTable, type Curve, type Point } from './curves.js';
import { compile, gather, runLoad, type Load } from './generator.js';
import { loads } from './loads.js';
import { number, table } from './markdown.js';
import { kinds, type ServerName } from './names.js';
import { linePlots } from './plot.js';
import { root } from './process.js';
import { circumstances, type Circumstances } from './results.js';
import { median, significant } from './rounds.js';
import { addMessages, makeData } from './salond-data.js';
import { relay, salond, type Server } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

interface Growing extends Curve {
  readonly name: string;
  readonly xs: readonly number[];
  readonly load: (x: number) => Load;
  /** Idle connections beside the load. */
  readonly idle?: (x: number) => number;
  /** Messages on disk before the load begins. */
  readonly stored?: (x: number) => number;
}

/**
 * A point in docs/growth.json. Old ones have no spread; their curves are not drawn, because noise would look like a
 * trend.
 */
type KeptPoint = Omit<Point, 'low' | 'high'> & Partial<Point>;

function hasSpread(point: KeptPoint): point is Point {
  return point.low !== undefined && point.high !== undefined;
}

/** A curve in docs/growth.json. */
interface KeptCurve {
  readonly under: Circumstances;
  readonly points: Partial<Record<ServerName, readonly KeptPoint[]>>;
}

/** The approximate number of bytes in a delivered line besides the text. */
const lineBytes = 100;

/** The load that most curves vary. */
const manyRooms: Load = { ...loads.b, mode: 'gathered' };

function growing(messages: number): readonly Growing[] {
  return [
    {
      name: 'rooms',
      title: 'Rooms of 12, 2 in flight in each',
      xLabel: 'rooms',
      xs: [1, 3, 10, 30, 100, 300, 1000],
      work: () => 1,
      load: (rooms) => ({ ...manyRooms, rooms }),
    },
    {
      name: 'members',
      title: 'Members of one room, 64 in flight',
      xLabel: 'members',
      xs: [2, 5, 12, 54, 200, 1000, 5000],
      work: (members) => members - 1,
      load: (members) => ({ ...loads.f, mode: 'gathered', members, speakers: Math.min(members, 16) }),
    },
    {
      name: 'idle',
      title: 'Idle connections beside 100 rooms of 12',
      xLabel: 'idle connections',
      xs: [0, 1000, 2000, 4000, 8000],
      work: () => 1,
      load: () => manyRooms,
      idle: (x) => x,
    },
    {
      name: 'stored',
      title: 'Messages on disk, 100 rooms of 12',
      xLabel: 'stored messages (none: at 1,000)',
      xs: [0, 10_000, 100_000, 1_000_000, 10_000_000].filter((x) => x <= messages),
      work: () => 1,
      load: () => manyRooms,
      stored: (x) => x,
    },
    {
      name: 'bytes',
      title: 'Bytes of a message, 100 rooms of 12',
      xLabel: 'bytes',
      xs: [16, 100, 400, 1000, 4000],
      work: (bytes) => lineBytes + bytes,
      load: (bytes) => ({ ...manyRooms, bytes }),
    },
  ];
}

async function measureOnce(
  server: Server,
  load: Load,
  idle: number,
  seconds: number,
): Promise<{ readonly messages: number; readonly deliveries: number }> {
  const running = await server.start();
  try {
    const crowd =
      idle === 0
        ? undefined
        : await gather(
            server,
            running,
            { rooms: idle / 10, members: 10, speakers: 1, from: 1000, mode: 'single' },
            { seconds },
          );
    const figures = await runLoad(server, running, load, { seconds });
    await crowd?.leave();
    return figures;
  } finally {
    await running.stop();
  }
}

/** The servers to measure at x: the bare relay has no stored messages. */
async function serversAt(curve: Growing, x: number, users: string, folder: string): Promise<readonly Server[]> {
  const stored = curve.stored?.(x);
  const data = join(folder, `${curve.name}-${stored ?? 'all'}`);
  if (!existsSync(data)) {
    cpSync(users, data, { recursive: true });
    if (stored !== undefined && stored > 0) await addMessages(data, stored);
  }
  return stored === undefined ? [salond({ data, copy: join(folder, 'run') }), relay] : [salond({ data })];
}

/**
 * Measures a curve of each server. Every round goes over the whole curve, so that a machine that slows down meanwhile
 * widens the spread of each point and does not look like a trend.
 */
async function measureCurve(
  curve: Growing,
  users: string,
  folder: string,
  { rounds, seconds }: Sizes,
): Promise<Partial<Record<ServerName, readonly Point[]>>> {
  const taken = new Map<ServerName, Map<number, { readonly messages: number[]; readonly deliveries: number[] }>>();
  for (let round = 0; round < rounds; round += 1) {
    for (const x of curve.xs) {
      for (const server of await serversAt(curve, x, users, folder)) {
        const figures = await measureOnce(server, curve.load(x), curve.idle?.(x) ?? 0, seconds);
        const byX = taken.get(server.name) ?? new Map<number, { messages: number[]; deliveries: number[] }>();
        taken.set(server.name, byX);
        const at = byX.get(x) ?? { messages: [], deliveries: [] };
        byX.set(x, at);
        at.messages.push(figures.messages);
        at.deliveries.push(figures.deliveries);
      }
    }
  }
  return Object.fromEntries(
    [...taken].map(([name, byX]) => [
      name,
      [...byX].map(([x, { messages, deliveries }]) => ({
        x,
        messages: significant(median(messages)),
        low: significant(Math.min(...messages)),
        high: significant(Math.max(...messages)),
        deliveries: significant(median(deliveries)),
      })),
    ]),
  );
}

function pointsTable(curve: Growing, points: Partial<Record<ServerName, readonly Point[]>>): string {
  const names = Object.keys(points) as ServerName[];
  return table(
    [curve.xLabel, ...names.flatMap((name) => [`${name}: messages/s`, 'least', 'greatest', 'deliveries/s'])],
    curve.xs.map((x, index) => [
      number(x),
      ...names.flatMap((name) => {
        const { messages, low, high, deliveries }: Partial<Point> = points[name]?.[index] ?? {};
        return [messages, low, high, deliveries].map((figure) => number(figure));
      }),
    ]),
    [],
  );
}

function drawing(curves: readonly Growing[], kept: Readonly<Record<string, KeptCurve>>): string {
  return linePlots({
    title: 'Messages a second as things grow',
    subtitle:
      '100-byte messages unless bytes are what grows; every message goes to all others of its room. ' +
      'A point is the median of the rounds, the bar behind it reaches from the least to the greatest.',
    plots: curves.flatMap((curve) => {
      const { points } = kept[curve.name] ?? {};
      if (points === undefined || !Object.values(points).flat().every(hasSpread)) return [];
      return [
        {
          title: curve.title,
          xLabel: curve.xLabel,
          yLabel: 'messages/s',
          xScale: curve.name === 'idle' ? ('linear' as const) : ('log' as const),
          yScale: curve.name === 'members' ? ('log' as const) : ('linear' as const),
          series: (Object.keys(points) as ServerName[]).map((name) => ({
            // A log axis has no 0; the axis's label says where it stands instead.
            name,
            kind: kinds[name],
            points: (points[name] ?? [])
              .filter(hasSpread)
              .map(
                ({ x, messages, low, high }) =>
                  [curve.name === 'stored' ? Math.max(x, 1000) : x, messages, low, high] as const,
              ),
          })),
        },
      ];
    }),
  });
}

async function run(asked: readonly string[], sizes: Sizes): Promise<void> {
  const curves = growing(sizes.messages);
  const unknown = asked.find((name) => !curves.some((curve) => curve.name === name));
  if (unknown !== undefined)
    throw new BenchError(`there is no curve ${unknown}: they are ${curves.map(({ name }) => name).join(' ')}`);
  compile();
  const folder = makeWorkFolder();
  const data = join(folder, 'data');
  await makeData(data, 5000);
  const path = join(root, 'docs/growth.json');
  // Curves that are not measured now keep their figures.
  const kept: Record<string, KeptCurve> = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, KeptCurve>)
    : {};
  const measured = curves.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const falls: (Curve & { readonly points: readonly Point[] })[] = [];
  for (const curve of measured) {
    const points = await measureCurve(curve, data, folder, sizes);
    falls.push({ ...curve, points: points.salond ?? [] });
    kept[curve.name] = { under: circumstances(sizes), points };
    process.stdout.write(`\n### ${curve.title}\n\n${pointsTable(curve, points)}\n`);
  }
  process.stdout.write(`\n${fallsTable(falls)}\n`);
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
  writeFileSync(join(root, 'docs/growth.svg'), drawing(curves, kept));
}

await fromCommandLine(() =>
  run(process.argv.slice(2), sizesOf(process.env, { rounds: 3, seconds: 2, messages: 10_000_000 })),
);
