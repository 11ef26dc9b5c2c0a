// Cuts neighbouring messages of a log, which stand in columns.
import type { Messages } from './log.js';

/** The id of the last of them; `first` − 1 where there are none. */
export function lastOf({ first, authors }: Messages): number {
  return first + authors.length - 1;
}

/** The messages with an id > `after`; undefined where there are none. The texts are not copied. */
export function messagesAfter(messages: Messages, after: number): Messages | undefined {
  if (after < messages.first) return messages;
  return messagesBetween(messages, after, lastOf(messages));
}

/** The messages with `after` < id ≤ `upTo`; undefined where there are none. The texts are not copied. */
export function messagesBetween(messages: Messages, after: number, upTo: number): Messages | undefined {
  const begin = Math.max(0, after + 1 - messages.first);
  const end = Math.min(messages.authors.length, upTo + 1 - messages.first);
  if (begin >= end) return undefined;
  const { log, time, authors, texts, kinds, about } = messages;
  return {
    log,
    first: messages.first + begin,
    time,
    authors: authors.slice(begin, end),
    texts: { bytes: texts.bytes, begins: texts.begins.slice(begin, end), ends: texts.ends.slice(begin, end) },
    kinds: kinds.slice(begin, end),
    about: about.slice(begin, end),
  };
}
