// Sends stored messages (event 110), for the commands that replay them. They are read in parts, and a part only when
// the client's network has taken the one before, so a session needs memory for one part, whatever it asks for.
import { MessageEncoder, type Shape } from '../chat/encode-messages.js';
import type { Member, MemberRoom } from '../chat/member.js';
import type { Session } from '../session/session.js';
import type { MessageLog, NewMessage, Page } from '../store/log.js';
import { lastOf } from '../store/messages.js';
import { encodeEvent } from '../wire/encode-event.js';
import { limits } from '../wire/generated/limits.js';
import type { LineFormat } from '../wire/format.js';
import type { Ref } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** How many messages are read and sent at a time at most: about 50 KiB of common ones. */
export const pageSize = 256;

/** The most messages in a page of history, and in a part of a replay that is charged as one. */
export const historyPage = limits.fields.limit.max;

/** The part of a session that reads the past. */
export type Reader = Pick<
  Session,
  'output' | 'gone' | 'edition' | 'format' | 'payerClass' | 'payerAddress' | 'payerUser'
>;

/** Whether the session may be shown nothing more of the room: it has ended, or the member was evicted. */
export function isOver(session: Pick<Reader, 'gone'>, member: Member): boolean {
  return session.gone || member.out;
}

/** The part of a store that has the past. */
export interface PastStore {
  readonly log: Pick<MessageLog<NewMessage>, 'readAfter'>;
}

/** What a request asks for: the messages with `after` < id ≤ `upTo`, all of which were stored. */
export interface Past {
  readonly after: number;
  readonly upTo: number;
  /** That of the request. */
  readonly ref: Ref | undefined;
  /** Whether the client named `after`, or was shown that message: then a session that gets no 111 sees it as `prev`. */
  readonly follows: boolean;
}

/** What was sent. */
export interface Sent {
  /** How many messages. */
  readonly count: number;
  /** The id of the last one; `after` where there is none. */
  readonly seen: number;
}

/**
 * Sends messages as 110 lines, oldest first, no faster than the client reads. Those that were trimmed are left out, and
 * event 111 stands in their place (PROTOCOL.md §4.1); where nothing is kept, the caller tells of it. Stops where it
 * `isOver`, which the caller has to check afterwards. Fulfils when the outbox has all lines. Rejects as the store does,
 * perhaps after some lines.
 */
export function sendPast(
  session: Reader,
  member: Member,
  services: PastServices,
  { after, upTo, ref, follows }: Past,
): Promise<Sent> {
  const { room } = member;
  const source: PastSource = {
    log: room.log,
    get deletions() {
      return room.deletions;
    },
    isOver: () => isOver(session, member),
    gap: (seen, first) => tellGap(session, member, seen, first),
    encode: (page, prev) => encodePast(room, page, session.format, { ref, prev }),
  };
  return sendParts(session, source, services, { after, upTo, follows });
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
  /** Tells that messages after the id `seen` were trimmed; `first` is the next one that is kept. */
  readonly gap?: (seen: number, first: number) => void;
  /** Makes the lines of messages. @param prev of the first message */
  readonly encode: (page: Page, prev: number) => Buffer;
}

/** A log with readers who are told of deletions: a room, or a private conversation. */
type Deleting = Pick<MemberRoom, 'log' | 'deletions'>;

/** Sends the messages with `after` < id ≤ `upTo`, as `sendPast` does. */
export async function sendParts(
  session: Reader,
  source: PastSource,
  { store, reads }: PastServices,
  { after, upTo, follows = false }: Pick<Past, 'after' | 'upTo'> & Partial<Pick<Past, 'follows'>>,
): Promise<Sent> {
  const { output } = session;
  let seen = after;
  let count = 0;
  const sendPart = async (maxBytes: number): Promise<void> => {
    if (source.isOver()) return;
    output.readAhead?.(maxBytes);
    try {
      const page = await readPast(store.log, source, { after: seen, upTo, limit: pageSize, maxBytes });
      const { messages } = page;
      const [oldest] = messages;
      const newest = messages.at(-1);
      if (oldest === undefined || newest === undefined || source.isOver()) return;
      if (oldest.first > seen + 1) source.gap?.(seen, oldest.first);
      const follow = follows || count > 0 ? seen : oldest.first - 1;
      output.reply(source.encode(page, session.edition === 1 ? follow : oldest.first - 1));
      seen = lastOf(newest);
      count += messages.reduce((sum, { authors }) => sum + authors.length, 0);
    } finally {
      output.readAhead?.(0);
    }
  };
  while (seen < upTo) {
    await reads.shown(session, output.drained());
    const before = seen;
    await reads.readAhead(session, sendPart);
    if (seen === before) break;
  }
  if (seen > after) reads.lastShown(session, () => output.drained());
  return { count, seen };
}

/**
 * Tells a session of the second edition that the messages after the id `after` were trimmed.
 * @param first the id of the next one that is kept, null where none is
 */
export function tellGap(
  { output, edition, format }: Reader,
  { room }: Member,
  after: number,
  first: number | null,
): void {
  if (edition === 1) return;
  output.reply(encodeEvent('gap', { room: room.name, after, first, reason: say('reasons.trimmed') }, format));
}

/** What `readPast` reads: as `MessageLog.readAfter`. */
interface PastPart {
  readonly after: number;
  readonly upTo: number;
  readonly limit: number;
  readonly maxBytes?: number;
}

/** How often a part is read again because messages were deleted meanwhile. */
export const mostReads = 8;

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

/** Encodes messages of the room as 110 lines. @param how the request's `ref`, and what else is shown */
export function encodePast(
  { name }: Pick<MemberRoom, 'name'>,
  { messages, edited }: Page,
  format: LineFormat,
  how: Pick<Shape, 'ref' | 'isTextless' | 'prev'>,
): Buffer {
  const shape: Shape = { event: 'past_message', room: name, edited, ...how };
  return new MessageEncoder().encode(shape, messages, format).bytes;
}
