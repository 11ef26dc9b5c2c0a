// get_direct_message: as get_message, in a private conversation.
import { textAt } from '../store/texts.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { pieceOf } from '../wire/pieces.js';
import { conversationWith } from './conversation.js';
import { encodePastOf } from './direct_history.js';
import { maxPieceBytes } from './get_message.js';
import { readPast } from './past.js';
import type { Command } from './services.js';

/** Sends a 112 without the text, and answers with the piece of the text from `offset` on. */
export const getDirectMessage: Command<'get_direct_message'> = async (session, { parameters, ref }, services) => {
  const { id, offset = 0 } = parameters;
  const { store, reads, conversations } = services;
  const { user } = session.identity;
  const found = await conversationWith(session, parameters.with, services);
  if ('code' in found) return found;
  const { log, other } = found;
  if (log === undefined) return noMessage();
  const conversation = await conversations.open(log, [user, other]);
  try {
    // No message has the id 0, and one that is stored and not shown yet is known to nobody.
    const isShown = id > 0 && id <= conversation.log.head;
    const past = { after: id - 1, upTo: id, limit: 1 };
    const page = isShown ? await reads.run(session, () => readPast(store.log, conversation, past)) : undefined;
    const message = page?.messages[0];
    if (page === undefined || message === undefined || session.gone) return noMessage();
    session.output.reply(encodePastOf(conversation, page, ref, true));
    return { results: pieceOf(textAt(message.texts, 0), offset, maxPieceBytes) };
  } finally {
    conversations.release(log);
  }
};

/** Makes the refusal for an id of no message in the conversation (11). */
export function noMessage(): Refusal {
  return refusal('not_found', 'there is no message with that id in this conversation');
}
