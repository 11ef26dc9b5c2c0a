// Sends stored messages (event 110), for the commands that replay them. They are read in parts, and a part only when
// the client's network has taken the one before, so a session needs memory for one part, whatever it asks for.
import { MessageEncoder } from '../chat/encode-messages.js';
import type { Member, Room } from '../chat/room.js';
import type { Session } from '../session/session.js';
import type { MessageLog, NewMessage, Page } from '../store/log.js';
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
  const { room } = member;
  const source: PastSource = {
    log: room.log,
    get deletions() {
      return room.deletions;
    },
    isOver: () => isOver(session, member),
    encode: (page) => encodePast(room, page, ref),
  };
  return sendParts(session, source, services, after, upTo);
}

/** What `sendParts` needs of the store, and turns to read it. */
export interface PastServices {
  readonly store: PastStore;
  readonly reads: Services['reads'];
}

/** Where stored messages are, and how they are shown. */
export interface PastSource extends Deleting {
  /** Whether nothing more may be shown. */
  readonly isOver: () => boolean;
  /** Makes the lines of messages. */
  readonly encode: (page: Page) => Buffer;
}

/** A log with readers who are told of deletions: a room, or a private conversation. */
type Deleting = Pick<Room, 'log' | 'deletions'>;

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
      const page = await readPast(store.log, source, { after: seen, upTo, limit: pageSize, maxBytes });
      const newest = page.messages.at(-1);
      if (newest === undefined || source.isOver()) return;
      output.reply(source.encode(page));
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
  if (seen > after) reads.lastShown(session, () => output.drained());
}

/** What `readPast` reads: as `MessageLog.readAfter`. */
interface PastPart {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly maxBytes?: number;
}

/** How often a part is read again because messages were deleted meanwhile. */
const mostReads = 8;

/** Reads messages of the room. None of them has a text although its members were told that it was deleted. */
export async function readPast(
  log: PastStore['log'],
  room: Readonly<Deleting>,
  { after, upTo, limit, maxBytes }: PastPart,
): Promise<Page> {
  for (let reads = 1; ; reads += 1) {
    const before = room.deletions;
    const page = await log.readAfter(room.log.id, after, upTo, limit, maxBytes);
    if (room.deletions === before || reads === mostReads) return page;
  }
}

/** Encodes messages of the room as 110 lines. @param isTextless whether their texts are left out */
export function encodePast(
  { json }: Pick<Room, 'json'>,
  { messages, edited }: Page,
  ref: Ref | undefined,
  isTextless = false,
): Buffer {
  const encoder = new MessageEncoder();
  const lines = new MessageLines(headPart('past_message', json, ref));
  for (const each of messages) encoder.add(lines, each, edited, isTextless);
  return lines.toBuffer();
}
