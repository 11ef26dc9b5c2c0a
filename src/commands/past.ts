// Sending stored messages (event 110), for the commands that replay them.
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import type { StoredMessage } from '../store/store.js';
import { encodeTime, pastMessageLine } from '../wire/encode.js';
import { json } from '../text/json.js';
import type { Ref } from '../wire/refusal.js';

/** Lines that are made before it is seen whether the client reads them: some 50 KiB of common messages. */
export const pageSize = 256;

/** Whether nothing of the room may be shown to the session any more: it has ended, or the member was put out. */
export function isOver(session: Session, member: Member): boolean {
  return session.gone || member.out;
}

/**
 * Sends messages as 110 lines, oldest first, no faster than the client reads, and stops where it `isOver`, which is
 * for the caller to notice. Fulfils when all are handed over.
 */
export async function sendPast(
  session: Session,
  member: Member,
  messages: readonly StoredMessage[],
  ref: Ref | undefined,
): Promise<void> {
  const { room } = member;
  for (let at = 0; at < messages.length; at += pageSize) {
    if (at > 0) await session.output.drained();
    if (isOver(session, member)) return;
    let lines = '';
    for (const { id, prev, username, message, time } of messages.slice(at, at + pageSize)) {
      lines += pastMessageLine(
        { room: room.json, id, prev, username: json(username), message: json(message), time: encodeTime(time) },
        ref,
      );
    }
    session.output.reply(lines);
  }
}
