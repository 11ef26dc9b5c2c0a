// Inserts the messages of an export into a new database. Checks that they follow each other, and that their rooms and
// authors are there.
import { isConversation } from '../conversations.js';
import { jsonText } from '../../text/json.js';
import type { Database } from './database.js';
import { editRow, insertEdits } from './edits.js';
import { insertKeys, keyRow } from './keys.js';
import type { KnownRows } from './known-rows.js';
import { messageOf, type Line, type LineMessage } from './message-line.js';
import { asRepeatedRow } from './repeated-row.js';
import { insertRuns, RunBatch } from './runs.js';
import { maxTime, type RowRules } from './values.js';

/** Bytes of messages that one statement inserts. */
const batchBytes = 1024 * 1024;

/** How far a message may be ahead of this machine's clock, which may be wrong, in milliseconds: a hundred years. */
const maxAhead = 100 * 366 * 86_400_000;

/** A run while its messages come. */
interface OpenRun {
  readonly room: number;
  readonly time: number;
}

/** Gathers messages in runs, and inserts them in large batches. */
export class MessageFiller {
  /** How many messages were added. */
  count = 0;
  /**
   * Whether no message may have an earlier time than the one before it. This applies to exports of salond 0.1.0, whose
   * end can't be checked. In later ones an operator may have let times go back.
   */
  isInTime = false;
  readonly #database: Database;
  readonly #known: KnownRows;
  readonly #rules: RowRules;
  readonly #latest = Date.now() + maxAhead;
  #time = 0;
  /** The newest message of each log that has one. */
  readonly #heads = new Map<number, number>();
  #run: OpenRun | undefined;
  readonly #runs = new RunBatch();
  #keys: string[] = [];
  #edits: string[] = [];

  /** @param rules checks the keys of messages */
  constructor(database: Database, known: KnownRows, rules: RowRules) {
    this.#database = database;
    this.#known = known;
    this.#rules = rules;
  }

  /** Says that the messages of a room were erased up to this id. The first one that is left follows them. */
  startAfter(room: number, erased: number): void {
    this.#heads.set(room, erased);
  }

  /**
   * Adds a message to the run of its room and time, or begins a new run. Rejects with an error that says what is wrong
   * with the line.
   */
  async add(line: Line): Promise<void> {
    const message = messageOf(line, this.#rules);
    await this.#check(message);
    const { room, id, author, time, message: shown, kind, about, key } = message;
    const text = shown === undefined ? '' : jsonText(shown);
    let run = this.#run;
    if (run?.room !== room || run.time !== time || this.#runs.isFull(Buffer.byteLength(text))) {
      this.#endRun();
      if (this.#runs.bytes > batchBytes) await this.#write();
      run = { room, time };
      this.#run = run;
      this.#runs.begin(room, id, time);
    }
    if (shown === undefined) this.#runs.addDeleted(author, kind, about);
    else this.#runs.addText(author, kind, about, text);
    if (shown !== undefined && kind === 'edit') this.#edits.push(editRow(room, about, id));
    if (key !== undefined) this.#keys.push(keyRow(room, author, key, id));
    this.count += 1;
  }

  /** Inserts what is left. Rejects with an error that says what the lines repeat. */
  async end(): Promise<void> {
    this.#endRun();
    await this.#write();
  }

  async #check({ room, id, author, time }: LineMessage): Promise<void> {
    const head = this.#heads.get(room) ?? 0;
    if (head === 0 && !(await this.#known.has(isConversation(room) ? 'conversations' : 'rooms', room)))
      throw new Error(`there is no room ${room}`);
    if (id !== head + 1) throw new Error(`id is ${id}, and the next one of room ${room} is ${head + 1}`);
    this.#heads.set(room, id);
    await this.#known.requireUser(author);
    if (time > Math.min(this.#latest, maxTime))
      throw new Error(`time is ${time}, which is more than a hundred years from now`);
    if (this.isInTime && time < this.#time)
      throw new Error(`time is ${time}, and that of the message before is ${this.#time}`);
    this.#time = time;
  }

  #endRun(): void {
    if (this.#run !== undefined) this.#runs.end();
    this.#run = undefined;
  }

  async #write(): Promise<void> {
    try {
      await this.#database.all(insertRuns, ...this.#runs.take());
      await this.#database.all(insertKeys, `[${this.#keys.join(',')}]`);
      await this.#database.all(insertEdits, `[${this.#edits.join(',')}]`);
    } catch (error) {
      throw asRepeatedRow(error);
    }
    this.#keys = [];
    this.#edits = [];
  }
}
