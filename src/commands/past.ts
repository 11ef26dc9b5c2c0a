// Sending stored messages (event 110), for the commands that replay them.
import { MessageEncoder } from '../chat/encode-messages.js';
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import type { Messages } from '../store/log.js';
import { headPart, MessageLines } from '../wire/message-lines.js';
import type { Ref } from '../wire/refusal.js';

/** The `limit` of a list that was asked for without one (PROTOCOL.md §6). */
export const defaultLimit = 100;

/** Lines that are sent before it is seen whether the client reads them: some 50 KiB of common messages. */
export const pageSize = 256;

/** Whether nothing of the room may be shown to the session any more: it has ended, or the member was put out. */
export function isOver(session: Session, member: Member): boolean {
  return session.gone || member.out;
}

/** How many messages the pieces have together. */
export function countOf(pieces: readonly Messages[]): number {
  return pieces.reduce((count, { authors }) => count + authors.length, 0);
}

/**
 * Sends messages as 110 lines, oldest first, no faster than the client reads, and stops where it `isOver`, which the
 * caller has to look at afterwards. Fulfils when all are handed over.
 */
export async function sendPast(
  session: Session,
  member: Member,
  pieces: readonly Messages[],
  ref: Ref | undefined,
): Promise<void> {
  const encoder = new MessageEncoder();
  let [lines, count] = [newLines(member, ref), 0];
  for (const piece of pieces) {
    for (let begin = 0; begin < piece.authors.length;) {
      if (count === pageSize) {
        if (isOver(session, member)) return;
        session.output.reply(lines.toBuffer());
        await session.output.drained();
        [lines, count] = [newLines(member, ref), 0];
      }
      const end = Math.min(piece.authors.length, begin + pageSize - count);
      encoder.add(lines, piece, begin, end);
      count += end - begin;
      begin = end;
    }
  }
  if (count > 0 && !isOver(session, member)) session.output.reply(lines.toBuffer());
}

function newLines({ room }: Member, ref: Ref | undefined): MessageLines {
  return new MessageLines(headPart('past_message', room.json, ref));
}
