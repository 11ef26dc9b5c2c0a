// What is known of the messages that users sent with a `key` (PROTOCOL.md §5.3): each is stored once, and sent again,
// on the same connection or on another one, it is answered with the first one's id. Only trimming frees a key.
import assert from 'node:assert/strict';
import type { Line } from '../support/client.js';
import type { Ledger } from './ledger.js';

/** The messages of one user and key. */
interface Slot {
  readonly texts: Set<string>;
  /** The ids that were answered. */
  readonly ids: Set<number>;
}

/** A keyed message on its way. */
export interface KeyedAttempt {
  readonly user: string;
  readonly key: string;
  readonly message: string;
  /** The id that it was known to have when it was sent. */
  readonly known: number | undefined;
  /** Up to where the room was known to be trimmed then. */
  readonly floor: number;
}

/** The keyed messages of one room or private conversation. A conversation is never trimmed. */
export class KeyedMessages {
  readonly #slots = new Map<string, Slot>();
  /** Ids that were answered for another text: a deletion leaves nothing to compare. */
  readonly #deleted = new Set<number>();
  /** How many were answered as duplicates. */
  duplicates = 0;

  constructor(readonly room: Ledger) {}

  send(user: string, key: string, message: string): KeyedAttempt {
    const slot = this.#slots.get(`${user} ${key}`) ?? { texts: new Set<string>(), ids: new Set<number>() };
    this.#slots.set(`${user} ${key}`, slot);
    slot.texts.add(message);
    const known = this.room.repeatable.get(message) ?? 0;
    this.room.repeatable.set(message, known);
    return { user, key, message, known: known > 0 ? known : undefined, floor: this.room.floor };
  }

  /** Holds the answer against what is known. */
  answered({ user, key, message, known, floor }: KeyedAttempt, { code, body, raw }: Line): void {
    const slot = this.#slots.get(`${user} ${key}`);
    assert.ok(slot !== undefined);
    const id = Number(body['id']);
    const isDuplicate = code === 1 && body['duplicate'] === true;
    // Code 11 comes before the key is looked at.
    if (known !== undefined && code !== 11 && !(isDuplicate && id === known)) this.room.freed(known);
    if (code === 18) assert.ok(slot.texts.size > 1, `${user} has sent nothing else with that key: ${raw}`);
    if (code !== 1) return;
    if (!isDuplicate) for (const each of slot.ids) this.room.freed(Math.min(id, each));
    slot.ids.add(id);
    if (!isDuplicate) return;
    this.duplicates += 1;
    assert.ok(id > floor, `${id} was trimmed up to ${floor}, and its key is not free: ${raw}`);
    const { author = user, text = message } = this.room.known.get(id) ?? {};
    assert.equal(author, user, raw);
    assert.ok(slot.texts.has(text), `the key is that of "${text}": ${raw}`);
    if (text !== message) this.#deleted.add(id);
    else if (!this.room.known.has(id) || this.room.answered.get(message) === undefined)
      this.room.stored(id, { author: user, text: message });
  }

  /** To be asked in the end. */
  check(): void {
    for (const id of this.#deleted)
      assert.ok(id <= this.room.floor || this.room.isDeleted(id), `${id} is answered for another text of its key`);
  }
}
