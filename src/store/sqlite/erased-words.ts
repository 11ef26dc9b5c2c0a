// Takes away what erased users wrote besides messages: the topics that they set, and the reasons of the bans that they
// made.
import type { Changed, RoomChange, RoomId, Version } from '../directory.js';
import type { UserId } from '../log.js';
import { parsedSettings } from '../room-settings.js';
import type { Statement } from './database.js';
import type { Write } from './erased-runs.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';
import { checked, summed, sumOfRow } from './sums.js';

/** How many rooms are read at a time. */
const roomsAtOnce = 200;
/** How many bans are changed in one transaction. */
const bansAtOnce = 50;

const sql = {
  rooms: `SELECT id, ${summed('rooms')} FROM rooms WHERE id > ? ORDER BY id LIMIT ${roomsAtOnce}`,
  bans: `SELECT ${summed('room_bans')} FROM room_bans WHERE by = ? AND by > 0 AND reason <> '' LIMIT ${bansAtOnce}`,
  change: "UPDATE room_bans SET reason = '', crc = ? WHERE room = ? AND user = ?",
} as const;

/** Changes the record of a room, if it has that version. As `Directory.changeRoom`. */
export type ChangeRoom = (id: RoomId, change: RoomChange, version: Version) => Promise<Changed>;

type WordStatements = { readonly [Name in keyof typeof sql]: Statement };

/** The words of erased users. Every method rejects with StoreFailure or StoreAway. */
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
  async eraseTopics(users: ReadonlySet<UserId>): Promise<void> {
    for (let after = 0; ; ) {
      const rows = await reading(() => this.#statements.rooms.all(after));
      let isStale = false;
      for (const row of rows) {
        const { id, settings, version } = checked('rooms', row);
        if (!users.has(parsedSettings(String(settings))?.topicBy ?? 0)) continue;
        const change = { topic: '', settings: { topicBy: 0 } };
        if ((await this.#changeRoom(Number(id), change, Number(version))) === 'stale') isStale = true;
      }
      // Others changed a room meanwhile: these are read once more.
      if (isStale) continue;
      if (rows.length < roomsAtOnce) return;
      after = Number(rows.at(-1)?.['id']);
    }
  }

  /** Takes away the reasons of the bans from rooms that the user has made. The bans stay. */
  async eraseReasons(user: UserId): Promise<void> {
    const { bans, change } = this.#statements;
    const some = async (): Promise<number> => {
      const rows = await bans.all(user);
      for (const row of rows) {
        const ban = checked('room_bans', row);
        const sum = sumOfRow('room_bans', { ...ban, reason: '' });
        await change.run(sum, Number(ban['room']), Number(ban['user']));
      }
      return rows.length;
    };
    while ((await this.#write(some)) === bansAtOnce);
  }
}
