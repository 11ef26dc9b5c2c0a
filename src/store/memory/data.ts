// The data of the memory store, in plain lists and maps.
import type { Ban, RoomRecord, UserRecord } from '../directory.js';
import type { Author, KeyedMessage, LogId, Messages, UserId } from '../log.js';
import type { Name } from '../../text/names.js';
import { joinTexts } from '../texts.js';

/** A stored message. `text` is JSON text as in `NewMessage`. */
export interface MemoryMessage extends KeyedMessage {
  readonly author: Author;
  readonly key: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** All data of a memory store. Users and rooms stand at the place that is their id. */
export class MemoryData {
  readonly users: (UserRecord & Name)[] = [];
  readonly rooms: (RoomRecord & Name)[] = [];
  readonly bans = new Map<string, Ban>();
  readonly #logs = new Map<LogId, MemoryMessage[]>();

  /** The latest time of a message, in milliseconds since 1970; 0 where there is none. */
  get newestTime(): number {
    return [...this.#logs.values()].reduce((newest, messages) => Math.max(newest, messages.at(-1)?.time ?? 0), 0);
  }

  /** The messages of a log: that with the id `n` stands at place `n` − 1, even when it was trimmed. */
  messagesOf(log: LogId): readonly MemoryMessage[] {
    return this.#logs.get(log) ?? [];
  }

  /** Appends a message to the log. It gets the next id. */
  add(log: LogId, message: Omit<MemoryMessage, 'id'>): void {
    const messages = this.#logs.get(log) ?? [];
    this.#logs.set(log, messages);
    messages.push({ ...message, id: messages.length + 1 });
  }

  /** Up to which id the messages of a log were trimmed. */
  erasedOf(log: LogId): number {
    return this.rooms[log]?.erased ?? 0;
  }

  /** Makes the messages of a log up to that id unreadable, and frees their keys. Their ids stay given. */
  trim(log: LogId, upTo: number): void {
    const trimmed = this.messagesOf(log).map((each) => (each.id > upTo ? each : { ...each, text: '', key: undefined }));
    this.#logs.set(log, trimmed);
  }

  findKeyed(log: LogId, author: UserId, key: string): MemoryMessage | undefined {
    return this.messagesOf(log).find((message) => message.author.id === author && message.key === key);
  }

  /** The last place up to `end` so that the messages from `begin` on have at most `maxBytes` bytes, or are one. */
  endOfPart(log: LogId, begin: number, end: number, maxBytes: number): number {
    const messages = this.messagesOf(log);
    let place = begin;
    for (let bytes = 0; place < end; place += 1) {
      bytes += Buffer.byteLength(messages[place]?.text ?? '');
      if (bytes > maxBytes && place > begin) break;
    }
    return place;
  }

  /** The messages of a log from the place `begin` up to `end`, which is not included, in pieces of one time each. */
  pieces(log: LogId, begin: number, end: number): readonly Messages[] {
    const pieces: Messages[] = [];
    const messages = this.messagesOf(log).slice(begin, end);
    while (messages.length > 0) {
      const time = messages[0]?.time ?? 0;
      const next = messages.findIndex((message) => message.time !== time);
      pieces.push(inColumns(log, time, messages.splice(0, next === -1 ? messages.length : next)));
    }
    return pieces;
  }
}

function inColumns(log: LogId, time: number, messages: readonly MemoryMessage[]): Messages {
  return {
    log,
    first: messages[0]?.id ?? 1,
    time,
    authors: messages.map(({ author }) => author),
    texts: joinTexts(messages.map(({ text }) => text)),
    kinds: messages.map(({ kind }) => kind),
    about: messages.map(({ about }) => about),
  };
}
