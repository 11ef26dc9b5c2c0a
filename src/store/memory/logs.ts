// The messages of the memory store, in lists by their logs.
import type { Author, Deletion, KeyedMessage, LogId, Messages, UserId } from '../log.js';
import { joinTexts } from '../texts.js';

/** A stored message. `text` is JSON text as in `NewMessage`, and empty once it was deleted. */
export interface MemoryMessage extends KeyedMessage {
  readonly author: Author;
  readonly key: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** The logs of a memory store. */
export class MemoryLogs {
  readonly #logs = new Map<LogId, MemoryMessage[]>();

  /** The latest time of a message, in milliseconds since 1970; 0 where there is none. */
  get newestTime(): number {
    return [...this.#logs.values()].reduce((newest, messages) => Math.max(newest, messages.at(-1)?.time ?? 0), 0);
  }

  /** The messages of a log: that with the id `n` stands at place `n` − 1, even when it was erased or trimmed. */
  messagesOf(log: LogId): readonly MemoryMessage[] {
    return this.#logs.get(log) ?? [];
  }

  /** Makes the messages of a log unreadable. Their ids stay given. */
  erase(log: LogId): void {
    const erased = this.messagesOf(log).map((message) => ({ ...message, text: '', key: undefined }));
    this.#logs.set(log, erased);
  }

  /** Appends a message to the log. It gets the next id. */
  add(log: LogId, message: Omit<MemoryMessage, 'id'>): void {
    const messages = this.#logs.get(log) ?? [];
    this.#logs.set(log, messages);
    messages.push({ ...message, id: messages.length + 1 });
  }

  /** The edits of a message that were not deleted, the oldest first. */
  editsOf(log: LogId, about: number): readonly MemoryMessage[] {
    return this.messagesOf(log).filter((each) => each.kind === 'edit' && each.about === about && each.text !== '');
  }

  /**
   * Deletes a message and its edits, as `MessageLog.deleteMessage`.
   * @param erased up to which id the log was trimmed
   */
  deleteMessage(log: LogId, id: number, erased: number, mayDelete: (author: UserId) => boolean): Deletion {
    const found = this.messagesOf(log)[id - 1];
    if (found === undefined || id <= erased) return 'missing';
    if (!mayDelete(found.author.id)) return 'refused';
    if (found.text === '') return 'again';
    for (const each of [found, ...this.editsOf(log, id)])
      this.#logs.get(log)?.splice(each.id - 1, 1, { ...each, text: '' });
    return 'deleted';
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

  /** Takes away the texts and keys of all messages of a user, and its name. */
  eraseMessagesOf(user: UserId): void {
    const author = { id: user, name: '' };
    for (const messages of this.#logs.values())
      for (const [place, message] of messages.entries())
        if (message.author.id === user) messages[place] = { ...message, author, text: '', key: undefined };
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
