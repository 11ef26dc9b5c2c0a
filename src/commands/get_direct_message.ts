// get_direct_message: as get_message, in a private conversation.
import { textAt } from '../store/texts.js';
import { pieceFrom } from '../wire/pieces.js';
import { inConversation, noMessage } from './conversation.js';
import { encodePastOf } from './direct_history.js';
import { readPast } from './past.js';
import type { Command } from './services.js';

/** Sends a 112 without the text, and answers with the text from `offset` on, which is cut to the length of a line. */
export const getDirectMessage: Command<'get_direct_message'> = async (session, { parameters, ref }, services) => {
  const { id, offset = 0 } = parameters;
  const reader = session.identity.user;
  const { store, reads } = services;
  return inConversation(session, parameters.with, services, noMessage, async (conversation) => {
    // No message has the id 0, and one that is stored and not shown yet is known to nobody.
    const isShown = id > 0 && id <= conversation.log.head;
    const past = { after: id - 1, upTo: id, limit: 1 };
    const page = isShown ? await reads.run(session, () => readPast(store.log, conversation, past)) : undefined;
    const message = page?.messages[0];
    if (page === undefined || message === undefined || session.gone) return noMessage();
    session.output.reply(encodePastOf(conversation, page, session.format, { reader, ref, isTextless: true }));
    return { results: pieceFrom(textAt(message.texts, 0), offset) };
  });
};
