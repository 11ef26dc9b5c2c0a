// get_message: one message, and its text in pieces, for clients whose lines are too short for all of it.
import { notInRoom } from '../session/requester.js';
import { textAt } from '../store/texts.js';
import { limits } from '../wire/generated/limits.js';
import { refusal } from '../wire/refusal.js';
import { pieceOf } from '../wire/pieces.js';
import { say } from '../wire/words.js';
import { encodePast, isOver, readPast } from './past.js';
import type { Command } from './services.js';

/** Bytes of the reply besides the text, with a `ref` of 64 characters, each escaped as twelve bytes. */
const frameBytes = 1024;

/** Bytes of JSON of the longest piece. */
export const maxPieceBytes = limits.server_line_bytes - frameBytes;

/** Sends a 110 without the text, and answers with the piece of the text from `offset` on. */
export const getMessage: Command<'get_message'> = async (session, { parameters, ref }, { store, reads }, member) => {
  const { id, offset = 0 } = parameters;
  const { room } = member;
  // No message has the id 0, and one that is stored and not shown yet is known to nobody.
  const past = { after: id - 1, upTo: id, limit: 1 };
  const isShown = id > 0 && id <= room.log.head;
  const page = isShown ? await reads.run(session, () => readPast(store.log, room, past)) : undefined;
  if (isOver(session, member)) return notInRoom();
  const message = page?.messages[0];
  if (page === undefined || message === undefined) return refusal('not_found', say('no_message_in_room'));
  session.output.reply(encodePast(room, page, ref, true));
  return { results: pieceOf(textAt(message.texts, 0), offset, maxPieceBytes) };
};
