// Erases the messages of deleted rooms and ends the memberships in them, in parts so small that no commit waits for
// long, and finds what a process that ended has left to do.
import type { Directory, RoomId } from '../directory.js';
import { prepareBoth, type ReaderAndWriter, type Statements } from './prepared.js';
import { checked, summed, sumOfRow } from './sums.js';

/** How many rows go at a time: each of the runs may have 64 KiB, which are overwritten. */
const [runsAtOnce, rowsAtOnce] = [16, 200];

/** How much of what is unfinished is answered at a time. */
const most = 100;

const queries = {
  rooms: `SELECT id FROM rooms WHERE state = 'deleted' AND (EXISTS (SELECT 1 FROM runs WHERE room = rooms.id)
    OR EXISTS (SELECT 1 FROM members WHERE room = rooms.id)) ORDER BY id LIMIT ${most}`,
  users: `SELECT id FROM users WHERE state = 'deleted' AND (EXISTS (SELECT 1 FROM roles WHERE user = users.id)
    OR EXISTS (SELECT 1 FROM room_bans WHERE user = users.id)) ORDER BY id LIMIT ${most}`,
} as const;

const commands = {
  read: `SELECT id, ${summed('rooms')} FROM rooms WHERE id = ? AND state = 'deleted'`,
  head: 'SELECT last FROM runs WHERE room = ? ORDER BY first DESC LIMIT 1',
  move: 'UPDATE rooms SET erased = ?, crc = ? WHERE id = ?',
  runs: `DELETE FROM runs WHERE seq IN (SELECT seq FROM runs WHERE room = ? ORDER BY first LIMIT ${runsAtOnce})`,
  members: `DELETE FROM members WHERE (room, key) IN (SELECT room, key FROM members WHERE room = ? LIMIT ${rowsAtOnce})`,
  member: 'SELECT 1 FROM members WHERE room = ? LIMIT 1',
  keys: `DELETE FROM keys WHERE (room, author, key) IN
    (SELECT room, author, key FROM keys WHERE room = ? LIMIT ${rowsAtOnce})`,
  key: 'SELECT 1 FROM keys WHERE room = ? LIMIT 1',
  edits: `DELETE FROM edits WHERE (room, about, id) IN
    (SELECT room, about, id FROM edits WHERE room = ? LIMIT ${rowsAtOnce})`,
  edit: 'SELECT 1 FROM edits WHERE room = ? LIMIT 1',
} as const;

/** Erases messages. */
export class Erasing {
  readonly #statements: Statements<typeof queries, typeof commands>;

  private constructor(statements: Statements<typeof queries, typeof commands>) {
    this.#statements = statements;
  }

  static async prepare(connections: ReaderAndWriter): Promise<Erasing> {
    return new Erasing(await prepareBoth(connections, queries, commands));
  }

  /** As `Directory.eraseMessages`, and answers up to which id they were erased. Within a commit. */
  async erase(room: RoomId): Promise<{ readonly isDone: boolean; readonly erased: number }> {
    const { read, head: findHead, move, member, members, runs, keys, key, edits, edit } = this.#statements.commands;
    const [row] = await read.all(room);
    if (row === undefined) return { isDone: true, erased: 0 };
    const before = Number(checked('rooms', row)['erased']);
    const [head] = await findHead.all(room);
    const erased = Math.max(before, Number(head?.['last'] ?? 0));
    // In the transaction that erases the first of them: the next message of the room gets the id behind them all.
    if (erased > before) await move.run(erased, sumOfRow('rooms', { ...row, erased }), room);
    // Keys and edits go before their messages: one without a message would be damage.
    if ((await member.all(room)).length > 0) await members.run(room);
    else if ((await key.all(room)).length > 0) await keys.run(room);
    else if ((await edit.all(room)).length > 0) await edits.run(room);
    else if (head !== undefined) await runs.run(room);
    else return { isDone: true, erased };
    return { isDone: false, erased };
  }

  /** Whether messages of the room, or memberships in it, are left. Within a commit. */
  async isLeft(room: RoomId): Promise<boolean> {
    const { head, key, member } = this.#statements.commands;
    for (const find of [head, key, member]) if ((await find.all(room)).length > 0) return true;
    return false;
  }

  /** As `Directory.unfinished`. */
  async unfinished(): ReturnType<Directory['unfinished']> {
    const { rooms, users } = this.#statements.queries;
    const ids = (rows: readonly { readonly id?: unknown }[]): readonly number[] => rows.map(({ id }) => Number(id));
    return { rooms: ids(await rooms.all()), users: ids(await users.all()) };
  }
}
