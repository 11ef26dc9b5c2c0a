// Sends stored messages (event 110), for the commands that replay them.
import { MessageEncoder } from '../chat/encode-messages.js';
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import type { Messages } from '../store/log.js';
import { headPart, MessageLines } from '../wire/message-lines.js';
import type { Ref } from '../wire/refusal.js';

/** How many lines are sent before the sender waits for the client: about 50 KiB of common messages. */
export const pageSize = 256;

/** Whether the session may be shown nothing more of the room: it has ended, or the member was evicted. */
export function isOver(session: Session, member: Member): boolean {
  return session.gone || member.out;
}

/** Counts the messages of all pieces. */
export function countOf(pieces: readonly Messages[]): number {
  return pieces.reduce((count, { authors }) => count + authors.length, 0);
}

/**
 * Sends messages as 110 lines, oldest first, no faster than the client reads. Stops where it `isOver`, which the
 * caller has to check afterwards. Fulfils when the outbox has all lines.
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
    for (let begin = 0; begin < piece.authors.length; ) {
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
