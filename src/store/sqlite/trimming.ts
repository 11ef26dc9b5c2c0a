// Trims the oldest messages of rooms. A step is one transaction: the messages, their keys and the room's `erased`
// change together, so that the log is whole whenever the process ends.
import type { RoomId } from '../directory.js';
import { dueIn, type Due, type Kept, type Trimmed } from '../retention.js';
import { defaultSettings, parsedSettings } from '../room-settings.js';
import { prepareAll, prepareBoth, type Prepared, type ReaderAndWriter, type Statements } from './prepared.js';
import { runInSteps } from './run-steps.js';
import { runColumns, withoutFirst } from './runs.js';
import { checked, summed, sumOfRow, sumOfRun } from './sums.js';

/** How many rooms a look for what is due goes over in one read: about a millisecond. */
const roomsAtOnce = 200;

/** A step trims no more rows and bytes than these, whatever it is asked for; but at least one row. */
const most = { rows: 64, bytes: 256 * 1024 } as const;

/** Free pages that stay in the database for what comes next. */
const slackPages = 256;

/** Pages that are given back at a time. */
const pagesAtOnce = 64;

const queries = {
  look: `SELECT id, settings, (SELECT last FROM runs WHERE room = rooms.id ORDER BY first DESC LIMIT 1) AS head,
      (SELECT first FROM runs WHERE room = rooms.id ORDER BY first LIMIT 1) AS first,
      (SELECT time FROM runs WHERE room = rooms.id ORDER BY first LIMIT 1) AS time
    FROM rooms WHERE id > ? ORDER BY id LIMIT ${roomsAtOnce}`,
} as const;

const commands = {
  room: `SELECT id, ${summed('rooms')} FROM rooms WHERE id = ?`,
  head: 'SELECT last FROM runs WHERE room = ? ORDER BY first DESC LIMIT 1',
  oldest: `SELECT seq, first, last, time, octet_length(messages) AS bytes FROM runs WHERE room = ? ORDER BY first
    LIMIT ${most.rows}`,
  run: `SELECT ${runColumns} FROM runs r WHERE seq = ?`,
  cut: 'UPDATE runs SET first = ?, messages = ?, crc = ? WHERE seq = ?',
  remove: 'DELETE FROM runs WHERE room = ? AND first <= ?',
  freeKeys: 'DELETE FROM keys WHERE room = ? AND id <= ?',
  forgetEdits: 'DELETE FROM edits WHERE room = ? AND about <= ? AND id <= ?',
  move: 'UPDATE rooms SET erased = ?, crc = ? WHERE id = ?',
} as const;

/** The oldest runs of a room, as a step sees them. */
interface Oldest {
  readonly seq: number;
  readonly first: number;
  readonly last: number;
  readonly time: number;
  readonly bytes: number;
}

/** What a step takes: the rows that go, and the row whose first messages go. */
interface Part {
  readonly removed: readonly Oldest[];
  readonly cut: Oldest | undefined;
  readonly more: boolean;
}

/** Finds what is due and trims it. */
export class Trimming {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #pages: Prepared<typeof pages>;

  private constructor(statements: Statements<typeof queries, typeof commands>, prepared: Prepared<typeof pages>) {
    this.#statements = statements;
    this.#pages = prepared;
  }

  static async prepare(connections: ReaderAndWriter): Promise<Trimming> {
    const statements = await prepareBoth(connections, queries, commands);
    return new Trimming(statements, await prepareAll(connections.writer, pages));
  }

  /** As `Directory.findDue`. */
  async findDue(after: RoomId, server: Kept, now: number): Promise<{ rooms: RoomId[]; next: RoomId | undefined }> {
    const rows = await this.#statements.queries.look.all(after);
    const rooms: RoomId[] = [];
    for (const { id, settings, head, first, time } of rows) {
      if (first === null) continue;
      const kept = parsedSettings(String(settings)) ?? defaultSettings;
      const { upTo, before } = dueIn(kept, server, Number(head), now);
      if (Number(first) <= upTo || Number(time) < before) rooms.push(Number(id));
    }
    const last = rows.at(-1);
    return { rooms, next: rows.length < roomsAtOnce || last === undefined ? undefined : Number(last['id']) };
  }

  /**
   * As `Directory.trimMessages`, within a commit. Rejects with
   * DamageError where the room, or a row of which a part stays, is damaged.
   */
  async trim(room: RoomId, server: Kept, now: number, messages: number): Promise<Trimmed> {
    const begun = performance.now();
    const { room: find, head: findHead, oldest, remove, freeKeys, forgetEdits, move } = this.#statements.commands;
    const [row] = await find.all(room);
    const [head] = await findHead.all(room);
    const before = row === undefined ? 0 : Number(checked('rooms', row)['erased']);
    if (row === undefined || head === undefined) return { count: 0, more: false, took: 0 };
    const settings = parsedSettings(String(row['settings'])) ?? defaultSettings;
    const due = dueIn(settings, server, Number(head['last']), now);
    const { removed, cut, more } = partOf((await oldest.all(room)) as unknown as readonly Oldest[], due, messages);
    const last = removed.at(-1);
    const erased = cut === undefined ? (last?.last ?? before) : due.upTo;
    if (erased > before) {
      if (last !== undefined) await remove.run(room, last.first);
      if (cut !== undefined) await this.#cut(cut.seq, due.upTo);
      await freeKeys.run(room, erased);
      await forgetEdits.run(room, erased, erased);
      // `run` would fulfil before anything is removed, and the time of that counts.
      await move.all(erased, sumOfRow('rooms', { ...row, erased }), room);
    }
    return { count: erased - before, more, took: performance.now() - begun };
  }

  /** Takes the messages up to that id out of a row. */
  async #cut(seq: number, upTo: number): Promise<void> {
    const { run: find, cut } = this.#statements.commands;
    const [row] = await find.all(seq);
    if (row === undefined) return;
    const run = await runInSteps(row);
    const { room, first, count, time } = run;
    const bytes = withoutFirst(run, upTo + 1 - first);
    await cut.run(upTo + 1, bytes, sumOfRun(room, upTo + 1, first + count - 1, time, bytes), seq);
  }

  /** As `Directory.giveBack`. Within a commit. */
  async giveBack(): Promise<boolean> {
    const { mode, free, giveBack } = this.#pages;
    const [vacuum] = await mode.all();
    const [freed] = await free.all();
    if (Number(vacuum?.['auto_vacuum']) !== incremental || Number(freed?.['freelist_count']) <= slackPages)
      return false;
    // It steps through the pages only while rows are asked for.
    await giveBack.all();
    return true;
  }
}

/** What `PRAGMA auto_vacuum` answers for a database that can give pages back. */
const incremental = 2;

const pages = {
  mode: 'PRAGMA auto_vacuum',
  free: 'PRAGMA freelist_count',
  giveBack: `PRAGMA incremental_vacuum(${pagesAtOnce})`,
} as const;

function partOf(oldest: readonly Oldest[], { upTo, before }: Due, messages: number): Part {
  const removed: Oldest[] = [];
  let [count, bytes] = [0, 0];
  for (const run of oldest) {
    const isDue = run.last <= upTo || run.time < before;
    if (!isDue) return { removed, cut: run.first <= upTo ? run : undefined, more: false };
    if (removed.length > 0 && (count >= messages || bytes + run.bytes > most.bytes))
      return { removed, cut: undefined, more: true };
    removed.push(run);
    count += run.last - run.first + 1;
    bytes += run.bytes;
  }
  return { removed, cut: undefined, more: oldest.length === most.rows };
}
