// Takes away what erased users wrote besides messages: the topics that they set, and the reasons of the bans that they
// made.
import type { Changed, RoomChange, RoomId, Version } from '../directory.js';
import type { Unreached } from '../erasures.js';
import type { UserId } from '../log.js';
import { parsedSettings } from '../room-settings.js';
import type { Row, Statement } from './database.js';
import type { Write } from './write.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import { isWhole, summed, sumOfRow } from './sums.js';

/** How many rooms are read at a time. */
const roomsAtOnce = 200;
/** How many bans are changed in one transaction. */
const bansAtOnce = 50;

const sql = {
  rooms: `SELECT id, ${summed('rooms')} FROM rooms WHERE id > ? ORDER BY id LIMIT ${roomsAtOnce}`,
  bans: `SELECT ${summed('room_bans')} FROM room_bans WHERE by = ?1 AND by > 0 AND reason <> ''
    AND (room, user) > (?2, ?3) ORDER BY room, user LIMIT ${bansAtOnce}`,
  change: "UPDATE room_bans SET reason = '', crc = ? WHERE room = ? AND user = ?",
} as const;

/** Changes the record of a room, if it has that version. As `Directory.changeRoom`. */
export type ChangeRoom = (id: RoomId, change: RoomChange, version: Version) => Promise<Changed>;

type WordStatements = { readonly [Name in keyof typeof sql]: Statement };

/** The words of erased users. Every method passes over damaged rows, and rejects with StoreFailure or StoreAway. */
export class ErasedWords {
  readonly #statements: WordStatements;
  readonly #write: Write;
  readonly #changeRoom: ChangeRoom;

  private constructor(statements: WordStatements, write: Write, changeRoom: ChangeRoom) {
    this.#statements = statements;
    this.#write = write;
    this.#changeRoom = changeRoom;
  }

  static async prepare(
    { reader, writer }: ReaderAndWriter,
    write: Write,
    changeRoom: ChangeRoom,
  ): Promise<ErasedWords> {
    const statements = {
      rooms: await reader.prepare(sql.rooms, { isLong: true }),
      bans: await writer.prepare(sql.bans),
      change: await writer.prepare(sql.change),
    };
    return new ErasedWords(statements, write, changeRoom);
  }

  /** Takes away the topics that these users have set and that still stand. */
  async eraseTopics(users: ReadonlySet<UserId>): Promise<Unreached> {
    const damaged = new Set<RoomId>();
    for (let after = 0; ; ) {
      const rows = await reading(() => this.#statements.rooms.all(after));
      let isStale = false;
      for (const row of rows) {
        const { id, settings, version } = row;
        if (!isWhole('rooms', row)) {
          damaged.add(Number(id));
          continue;
        }
        if (!users.has(parsedSettings(String(settings))?.topicBy ?? 0)) continue;
        const change = { topic: '', settings: { topicBy: 0 } };
        if ((await this.#changeRoom(Number(id), change, Number(version))) === 'stale') isStale = true;
      }
      // Others changed a room meanwhile: these are read once more.
      if (isStale) continue;
      if (rows.length < roomsAtOnce) return { rows: damaged.size, logs: [...damaged] };
      after = Number(rows.at(-1)?.['id']);
    }
  }

  /** Takes away the reasons of the bans from rooms that these users have made. The bans stay. */
  async eraseReasons(users: ReadonlySet<UserId>): Promise<Unreached> {
    const damaged: Row[] = [];
    for (const user of users) {
      let [room, target] = [0, 0];
      for (let isMore = true; isMore; ) {
        const rows = await this.#write(() => this.#eraseSomeReasons(user, room, target));
        damaged.push(...rows.filter((row) => !isWhole('room_bans', row)));
        isMore = rows.length === bansAtOnce;
        [room, target] = [Number(rows.at(-1)?.['room']), Number(rows.at(-1)?.['user'])];
      }
    }
    return { rows: damaged.length, logs: damaged.map(({ room }) => Number(room)) };
  }

  /** Within a commit. Answers the rows that it has read. */
  async #eraseSomeReasons(user: UserId, room: RoomId, target: UserId): Promise<readonly Row[]> {
    const { bans, change } = this.#statements;
    const rows = await bans.all(user, room, target);
    for (const row of rows.filter((each) => isWhole('room_bans', each)))
      await change.run(sumOfRow('room_bans', { ...row, reason: '' }), Number(row['room']), Number(row['user']));
    return rows;
  }
}
