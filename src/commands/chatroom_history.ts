// chatroom_history: sends a page of a room's past, as events 110, to a session that has joined the room.
import type { MemberRoom } from '../chat/member.js';
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import type { Session } from '../session/session.js';
import { isOver, sendPast, tellGap } from './past.js';
import type { Command, RequestOf, Services } from './services.js';

type Parameters = RequestOf<'chatroom_history'>['parameters'];

/**
 * Sends the messages after, before or around an id, those of a time, or the newest ones, no faster than the client
 * reads.
 */
export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, services, member) => {
  // Leaves out messages that are stored and not shown yet: they will come as events, and would come twice.
  const last = member.room.log.head;
  const span = await spanOf(session, services, member.room, parameters, last);
  const { erased } = member.room.record;
  const { from, upTo, more } = pageOf(parameters, span, erased);
  const follows = parameters.after !== undefined;
  const { count, seen } = await sendPast(session, member, services, { after: from, upTo, ref, follows });
  // The member was evicted meanwhile: after the 106 neither messages of the room nor a success may come.
  if (isOver(session, member)) return notInRoom();
  // Nothing that was asked for is kept.
  const next = Math.max(erased, upTo) + 1;
  if (count === 0 && from < upTo) tellGap(session, member, seen, next <= last ? next : null);
  return { results: { count, more, last } };
};

/** Messages that follow one another: those with `from` < id ≤ `upTo`. */
export interface Span {
  readonly from: number;
  readonly upTo: number;
}

/**
 * Finds the messages from `since` to `until`, both included; where those are not given, it is all up to `last`. A
 * `since` before all that is kept begins with what was trimmed, which may be as new, so that event 111 tells of it.
 */
async function spanOf(
  session: Session,
  { store, reads }: Pick<Services, 'store' | 'reads'>,
  { log: { id: log }, record: { erased } }: MemberRoom,
  { since, until }: Parameters,
  last: number,
): Promise<Span> {
  const firstSince = (time: number): Promise<number> => reads.run(session, () => store.log.firstSince(log, time));
  const first = since === undefined ? 1 : await firstSince(millisecondsFrom(since));
  const from = first <= erased + 1 ? 0 : first - 1;
  const upTo = until === undefined ? last : (await firstSince(Date.parse(until) + 1)) - 1;
  return { from: Math.min(from, last), upTo: Math.min(upTo, last) };
}

/** The first millisecond that is not before a time of RFC 3339, which may have more digits than messages' times. */
function millisecondsFrom(time: string): number {
  const [, digits = ''] = /\.\d{3}(\d*)/.exec(time) ?? [];
  return Date.parse(time) + (/[1-9]/.test(digits) ? 1 : 0);
}

/**
 * The page within the span. Ids are dense, so its size is known before it is read. `more` says whether messages of the
 * span that are kept lie beyond it, in the direction that was asked.
 * @param erased the messages up to this id were trimmed
 */
export function pageOf(
  {
    after,
    before,
    around,
    since,
    limit = defaultLimit,
  }: Pick<Parameters, 'after' | 'before' | 'around' | 'since' | 'limit'>,
  span: Span,
  erased = 0,
): Span & { readonly more: boolean } {
  const oldest = Math.max(span.from, erased);
  if (around !== undefined) {
    const ideal = Math.max(span.from, around - 1 - Math.floor((limit - 1) / 2));
    const upTo = Math.min(span.upTo, ideal + limit);
    const from = Math.max(span.from, Math.min(ideal, upTo - limit));
    return { from, upTo, more: from > oldest || upTo < span.upTo };
  }
  if (after !== undefined || (before === undefined && since !== undefined)) {
    const from = Math.max(after ?? 0, span.from);
    const upTo = Math.min(span.upTo, Math.max(from, erased) + limit);
    return { from, upTo, more: upTo < span.upTo };
  }
  const upTo = Math.max(0, Math.min(span.upTo, (before ?? Infinity) - 1));
  const from = Math.max(span.from, upTo - limit);
  return { from, upTo, more: from > oldest && upTo > span.from };
}
