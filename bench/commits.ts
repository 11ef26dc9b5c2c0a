// `npm run bench:commits`: what a commit costs of the processor's time, and how much of it is for the index of keys by
// id and for being able to give pages back to the disk. Each is left out of a database of its own. With `-- --against
// REF` the store of that commit is measured too. All are measured by turns in this process. Prints a table of
// microseconds of a message: the least of the rounds, since other work on the machine only adds to it.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Database } from '../src/store/sqlite/database.js';
import type { Author, NewMessage } from '../src/store/log.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { Store } from '../src/store/store.js';
import { nameForms } from '../src/text/names.js';
import { fromCommandLine } from './arguments.js';
import { checkOut } from './checkout.js';
import { table } from './markdown.js';
import { makeWorkFolder } from './work-folder.js';

const rounds = Number(process.env['ROUNDS'] ?? 15);

/** How many messages commits have, and how many commits of these a round measures. */
const cases = [
  { messages: 1, commits: 400, isKeyed: false },
  { messages: 1, commits: 400, isKeyed: true },
  { messages: 100, commits: 60, isKeyed: false },
  { messages: 100, commits: 60, isKeyed: true },
  { messages: 1000, commits: 20, isKeyed: false },
] as const;

/** A store with a room and an author. */
interface Measured {
  readonly store: Store;
  readonly author: Author;
  readonly room: number;
  /** Fulfils when so many more messages are stored. */
  readonly stored: (count: number) => Promise<void>;
}

/** The stores of this commit, or of another one. */
interface Opens {
  open(folder: string, durability: 'relaxed'): Promise<Store>;
}

/** Changes a new database before it is opened, or while it is open. */
interface Variant {
  readonly title: string;
  readonly closed?: string;
  readonly open?: string;
}

const variants: readonly Variant[] = [
  { title: 'as it is' },
  { title: 'the same again' },
  { title: 'without keys_by_id', open: 'DROP INDEX keys_by_id' },
  { title: 'without auto_vacuum', closed: 'PRAGMA auto_vacuum = NONE; VACUUM' },
];

async function run(path: string, sql: string | undefined): Promise<void> {
  if (sql === undefined) return;
  const database = await Database.open(path);
  await database.exec(sql);
  await database.close();
}

async function prepare(folder: string, opens: Opens, variant: Variant): Promise<Measured> {
  await (await opens.open(folder, 'relaxed')).close();
  const path = join(folder, 'salond.db');
  await run(path, variant.closed);
  const store = await opens.open(folder, 'relaxed');
  await run(path, variant.open);
  const user = { ...nameForms('alice'), firstName: 'L', lastName: 'L', password: Buffer.from('hash') };
  const author = { id: (await store.directory.createUser(user)) ?? 0, name: 'alice' };
  const room = await store.directory.openRoom(nameForms('lobby'), author.id);
  if (typeof room === 'string') throw new Error(room);
  await store.log.follow(room.id);
  let waited: { count: number; readonly resolve: () => void } | undefined;
  store.log.listen({
    committed: ({ mine }) => {
      if (waited === undefined) return;
      waited.count -= mine.length;
      if (waited.count === 0) waited.resolve();
    },
    failed: (_posts, error) => {
      throw error;
    },
    unreadable: () => undefined,
    broken: (error) => {
      throw error;
    },
  });
  const stored = (count: number): Promise<void> =>
    new Promise((resolve) => {
      waited = { count, resolve };
    });
  return { store, author, room: room.id, stored };
}

let keys = 0;

/** Microseconds of the processor's time for a message, both threads together. */
async function measureCase(
  { store, author, room, stored }: Measured,
  { messages, commits, isKeyed }: (typeof cases)[number],
): Promise<number> {
  const text = 'x'.repeat(100);
  const begin = process.cpuUsage();
  for (let commit = 0; commit < commits; commit += 1) {
    const done = stored(messages);
    for (let each = 0; each < messages; each += 1) {
      const key = isKeyed ? `k${(keys += 1)}` : undefined;
      store.log.append({ log: room, author, text, kind: 'text', about: 0, key } satisfies NewMessage);
    }
    await done;
  }
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / (messages * commits);
}

async function measure({ against }: { readonly against?: string | undefined }): Promise<void> {
  const folder = makeWorkFolder();
  const sides = await Promise.all(variants.map((variant, at) => prepare(join(folder, `v${at}`), SqliteStore, variant)));
  const titles = variants.map(({ title }) => title);
  if (against !== undefined) {
    const tree = checkOut(against, join(folder, 'before')).folder;
    const before = (await import(join(tree, 'dist/src/store/sqlite/store.js'))) as { SqliteStore: Opens };
    sides.push(await prepare(join(folder, 'other'), before.SqliteStore, { title: against }));
    titles.push(against);
  }
  const rows = [];
  for (const each of cases) {
    const taken = sides.map((): number[] => []);
    for (let round = -2; round < rounds; round += 1)
      for (const [at, side] of sides.entries()) {
        const figure = await measureCase(side, each);
        if (round >= 0) taken[at]?.push(figure);
      }
    const least = taken.map((figures) => Math.min(...figures));
    const cells = least.map((figure, at) => {
      const ratio = at === 0 ? '' : ` (${(figure / (least[0] ?? NaN)).toFixed(3)})`;
      return `${figure.toFixed(2)}${ratio}`;
    });
    rows.push([`${each.messages}${each.isKeyed ? ' with keys' : ''}`, ...cells]);
  }
  for (const { store } of sides) await store.close();
  process.stdout.write(`${table(['messages of a commit', ...titles], rows)}\n`);
}

const { values } = parseArgs({ options: { against: { type: 'string' } } });
await fromCommandLine(() => measure(values));
