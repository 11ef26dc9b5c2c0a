// Sends stored messages (event 110), for the commands that replay them. They are read in parts, and a part only when
// the client's network has taken the one before, so a session needs memory for one part, whatever it asks for.
import { MessageEncoder } from '../chat/encode-messages.js';
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import type { LogId, MessageLog, Messages, NewMessage } from '../store/log.js';
import { lastOf } from '../store/messages.js';
import { limits } from '../wire/generated/limits.js';
import { headPart, MessageLines } from '../wire/message-lines.js';
import type { Ref } from '../wire/refusal.js';
import type { Services } from './services.js';

/** How many messages are read and sent at a time at most: about 50 KiB of common ones. */
export const pageSize = 256;

/** The most messages in a page of history, and in a part of a replay that is charged as one. */
export const historyPage = limits.fields.limit.max;

/** The part of a session that reads the past. */
export type Reader = Pick<Session, 'output' | 'gone' | 'payerClass' | 'payerAddress' | 'payerUser'>;

/** Whether the session may be shown nothing more of the room: it has ended, or the member was evicted. */
export function isOver(session: Pick<Reader, 'gone'>, member: Member): boolean {
  return session.gone || member.out;
}

/** The part of a store that has the past. */
export interface PastStore {
  readonly log: Pick<MessageLog<NewMessage>, 'readAfter'>;
}

/** What a request asks for: the messages with `after` < id ≤ `upTo`, all of which are stored. */
export interface Past {
  readonly after: number;
  readonly upTo: number;
  /** That of the request. */
  readonly ref: Ref | undefined;
}

/**
 * Sends messages as 110 lines, oldest first, no faster than the client reads. Stops where it `isOver`, which the
 * caller has to check afterwards. Fulfils when the outbox has all lines. Rejects as the store does, perhaps after some
 * lines.
 */
export function sendPast(
  session: Reader,
  member: Member,
  services: PastServices,
  { after, upTo, ref }: Past,
): Promise<void> {
  const source: PastSource = {
    log: member.room.log.id,
    isOver: () => isOver(session, member),
    encode: (messages) => encode(member, messages, ref),
  };
  return sendParts(session, source, services, after, upTo);
}

/** What `sendParts` needs of the store, and turns to read it. */
export interface PastServices {
  readonly store: PastStore;
  readonly reads: Services['reads'];
}

/** Where stored messages are, and how they are shown. */
export interface PastSource {
  readonly log: LogId;
  /** Whether nothing more may be shown. */
  readonly isOver: () => boolean;
  /** Makes the lines of messages. */
  readonly encode: (messages: readonly Messages[]) => Buffer;
}

/** Sends the messages with `after` < id ≤ `upTo`, as `sendPast` does. */
export async function sendParts(
  session: Reader,
  source: PastSource,
  { store, reads }: PastServices,
  after: number,
  upTo: number,
): Promise<void> {
  const { output } = session;
  let seen = after;
  const sendPart = async (maxBytes: number): Promise<void> => {
    if (source.isOver()) return;
    output.readAhead?.(maxBytes);
    try {
      const { messages } = await store.log.readAfter(source.log, seen, upTo, pageSize, maxBytes);
      const newest = messages.at(-1);
      if (newest === undefined || source.isOver()) return;
      output.reply(source.encode(messages));
      seen = lastOf(newest);
    } finally {
      output.readAhead?.(0);
    }
  };
  while (seen < upTo) {
    await reads.shown(session, output.drained());
    const before = seen;
    await reads.readAhead(session, sendPart);
    if (seen === before) return;
  }
}

function encode({ room }: Member, messages: readonly Messages[], ref: Ref | undefined): Buffer {
  const encoder = new MessageEncoder();
  const lines = new MessageLines(headPart('past_message', room.json, ref));
  for (const each of messages) encoder.add(lines, each);
  return lines.toBuffer();
}
