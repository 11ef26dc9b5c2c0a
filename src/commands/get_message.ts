// get_message: one message, and its text in pieces, for clients whose lines are too short for all of it.
import { notInRoom } from '../session/requester.js';
import { textAt } from '../store/texts.js';
import { refusal } from '../wire/refusal.js';
import { pieceFrom } from '../wire/pieces.js';
import { say } from '../wire/words.js';
import { encodePast, isOver, readPast } from './past.js';
import type { Command } from './services.js';

/** Sends a 110 without the text, and answers with the text from `offset` on, which is cut to the length of a line. */
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
  session.output.reply(encodePast(room, page, session.format, { ref, isTextless: true }));
  return { results: pieceFrom(textAt(message.texts, 0), offset) };
};
