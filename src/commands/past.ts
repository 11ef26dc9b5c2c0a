// Sends stored messages (event 110), for the commands that replay them. They are read in parts, and a part only when the
// client's network has taken the one before, so a session needs memory for one part, whatever it asks for.
import { MessageEncoder } from '../chat/encode-messages.js';
import type { Member } from '../chat/room.js';
import type { Output } from '../session/ordered-session.js';
import type { Session } from '../session/session.js';
import type { Messages, MessageLog, NewMessage } from '../store/log.js';
import { lastOf } from '../store/messages.js';
import { headPart, MessageLines } from '../wire/message-lines.js';
import type { Ref } from '../wire/refusal.js';

/** How many bytes of stored messages are read at a time, and more only where they stand in one row. */
const partBytes = 131_072;

/** How many lines are sent before the sender waits for the client: about 50 KiB of common messages. */
export const pageSize = 256;

/** How many bytes of text are sent before the sender waits for the client. */
const pageBytes = 65_536;

/** Whether the session may be shown nothing more of the room: it has ended, or the member was evicted. */
export function isOver(session: Session, member: Member): boolean {
  return session.gone || member.out;
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
export async function sendPast(
  session: Session,
  member: Member,
  log: Pick<MessageLog<NewMessage>, 'readAfter'>,
  { after, upTo, ref }: Past,
): Promise<void> {
  const { output } = session;
  let seen = after;
  /** Sends a part, or answers the parts in which to read it. No variable keeps the messages after it has ended. */
  const send = async (end: number, maxBytes?: number): Promise<readonly number[]> => {
    output.readAhead?.(partBytes);
    const { messages, parts = [] } = await log.readAfter(member.room.log.id, seen, end, end - seen, maxBytes);
    const newest = messages.at(-1);
    if (newest !== undefined) seen = lastOf(newest);
    await sendMessages(session, member, messages, ref);
    return parts;
  };
  try {
    for (const end of await send(upTo, partBytes)) {
      await output.drained();
      if (isOver(session, member)) return;
      await send(end);
    }
  } finally {
    output.readAhead?.(0);
  }
}

/** Sends messages that were read. */
async function sendMessages(
  session: Session,
  member: Member,
  pieces: readonly Messages[],
  ref: Ref | undefined,
): Promise<void> {
  const { output } = session;
  countReadAhead(output, pieces);
  const encoder = new MessageEncoder();
  let [lines, count] = [newLines(member, ref), 0];
  for (const piece of pieces) {
    for (let begin = 0; begin < piece.authors.length; ) {
      if (count === pageSize || lines.length >= pageBytes) {
        if (isOver(session, member)) return;
        output.reply(lines.toBuffer());
        await output.drained();
        [lines, count] = [newLines(member, ref), 0];
      }
      const end = endOfLines(piece, begin, pageSize - count, pageBytes - lines.length);
      encoder.add(lines, piece, begin, end);
      count += end - begin;
      begin = end;
    }
  }
  output.readAhead?.(0);
  if (count > 0 && !isOver(session, member)) output.reply(lines.toBuffer());
}

/** The place behind the last message that is to be sent with that at `begin`: at least one. */
function endOfLines({ texts }: Messages, begin: number, maxCount: number, maxBytes: number): number {
  const { begins, ends } = texts;
  const last = Math.min(ends.length, begin + maxCount);
  let end = begin + 1;
  for (let bytes = size(begin); end < last; end += 1) {
    bytes += size(end);
    if (bytes > maxBytes) break;
  }
  return end;

  function size(place: number): number {
    return (ends[place] ?? 0) - (begins[place] ?? 0);
  }
}

/** The encoder makes a string of the bytes, so both are in memory. */
function countReadAhead(output: Output, pieces: readonly Messages[]): void {
  output.readAhead?.(2 * pieces.reduce((sum, { texts }) => sum + texts.bytes.length, 0));
}

function newLines({ room }: Member, ref: Ref | undefined): MessageLines {
  return new MessageLines(headPart('past_message', room.json, ref));
}
