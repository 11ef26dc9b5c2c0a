// direct_history: sends a page of a private conversation, as events 112.
import { directShape, MessageEncoder, type Shape } from '../chat/encode-messages.js';
import type { PrivateConversation } from '../chat/private-conversations.js';
import type { Author, Page } from '../store/log.js';
import type { LineFormat } from '../wire/format.js';
import { pageOf } from './chatroom_history.js';
import { inConversation } from './conversation.js';
import { sendParts } from './past.js';
import type { Command, SuccessOf } from './services.js';

/**
 * Sends the messages after the id `after`, those before the id `before`, or the newest ones, no faster than the client
 * reads.
 */
export const directHistory: Command<'direct_history'> = async (session, { parameters, ref }, services) => {
  const reader = session.identity.user;
  const none = (): SuccessOf<'direct_history'> => ({ results: { count: 0, more: false, last: 0 } });
  return inConversation(session, parameters.with, services, none, async (conversation) => {
    // Leaves out messages that are stored and not shown yet: they will come as events, and would come twice.
    const last = conversation.log.head;
    const { from, upTo, more } = pageOf(parameters, { from: 0, upTo: last });
    const source = {
      log: conversation.log,
      get deletions() {
        return conversation.deletions;
      },
      isOver: () => session.gone,
      encode: (page: Page) => encodePastOf(conversation, page, session.format, { reader, ref }),
    };
    await sendParts(session, source, services, { after: from, upTo });
    return { results: { count: Math.max(0, upTo - from), more, last } };
  });
};

/**
 * Encodes messages of the conversation as 112 lines.
 * @param how who reads them, the request's `ref`, and whether texts are left out
 */
export function encodePastOf(
  conversation: Pick<PrivateConversation, 'toOf'>,
  { messages, edited }: Page,
  format: LineFormat,
  { reader, ...how }: Pick<Shape, 'ref' | 'isTextless'> & { readonly reader: Pick<Author, 'id'> },
): Buffer {
  const shape = directShape('past_direct_message', conversation, reader, { edited, ...how });
  return new MessageEncoder().encode(shape, messages, format).bytes;
}
