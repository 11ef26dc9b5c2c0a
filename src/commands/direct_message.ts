// direct_message: hands a private message to the store, and makes the conversation where it is the first one.
// chat/private-delivery.ts shows it when it is committed.
import { Post } from '../chat/post.js';
import { whyNotPermitted } from '../chat/permissions.js';
import type { ChatUser } from '../chat/presence.js';
import type { PrivateConversation } from '../chat/private-conversations.js';
import { storeBusy } from '../session/failure.js';
import { unlessKnown } from '../session/known-key.js';
import type { Session } from '../session/session.js';
import type { LogId } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { lacksRe } from './chatroom_message.js';
import { chatUserOf } from './conversation.js';
import type { AnswerOf, Command, RequestOf, Services } from './services.js';

type Request = RequestOf<'direct_message'>;

/** Answers on commit, or refuses. */
export const directMessage: Command<'direct_message'> = async (session, request, services, _member, target) => {
  const { store, reads, conversations } = services;
  const { user } = session.identity;
  const read = await reads.run(session, async () => ({
    changes: conversations.blockChanges,
    isBlocked: await store.blocks.has(target.id, user.id),
    log: await store.conversations.find(user.id, target.id),
  }));
  if (read.isBlocked) return blocked(session, request, services);
  const { kind = 'text', re } = request.parameters;
  // Where there is no conversation, there is no message in it.
  if (lacksRe(kind, re) || (re !== undefined && read.log === undefined))
    return refusal('not_found', say('re_not_in_conversation'));
  const log = read.log ?? (await beginConversation(session, user, target.id, services));
  if (typeof log !== 'number') return log;
  const conversation = await conversations.open(log, [user, chatUserOf(target)]);
  let isSent = false;
  try {
    let { changes } = read;
    let isBlocked = false;
    while (!isBlocked && changes !== conversations.blockChanges) {
      changes = conversations.blockChanges;
      isBlocked = await reads.run(session, () => store.blocks.has(target.id, user.id));
    }
    if (isBlocked) return await blocked(session, request, services);
    // Nothing is awaited from here on: once a block is answered, no message comes (chat/private-conversations.ts).
    if (session.gone) return refusal('failed', say('session_ended'));
    const taken = store.log.append(postOf(session, request, user, conversation));
    if (taken === 'full') services.gates.counters.limit('messages_waiting');
    if (taken !== 'taken') return storeBusy(taken);
    conversation.taken(user.id);
    isSent = true;
    return 'on commit';
  } finally {
    // Otherwise it is released when the message is answered.
    if (!isSent) conversations.release(log);
  }
};

function postOf(session: Session, { parameters, ref }: Request, user: ChatUser, { log }: PrivateConversation): Post {
  const { message, key, kind, re } = parameters;
  return new Post(session, { log }, user, undefined, jsonText(message), key, ref, kind, re, 'direct_message');
}

/** Makes the refusal for a user whom the other one blocks. A known key is answered before it (PROTOCOL.md §5.3). */
async function blocked(session: Session, request: Request, services: Services): Promise<AnswerOf<'direct_message'>> {
  const circumstances = { registrationOpen: true, room: undefined, user: undefined, target: undefined };
  const why = whyNotPermitted(request.spec, { ...circumstances, isBlocked: true });
  const refused = refusal('not_permitted', why ?? say('takes_no_messages'));
  const answer = await unlessKnown(refused, request, session, undefined, services.gates);
  return answer as AnswerOf<'direct_message'>;
}

/** Makes the conversation, which the user and its address pay for. */
export async function beginConversation(
  session: Session,
  user: ChatUser,
  to: number,
  { store, limits }: Services,
): Promise<LogId | Refusal> {
  const refused = limits.makingConversation(user.id, session);
  if (refused !== undefined) return refused;
  let isNew = false;
  try {
    const opened = await store.conversations.open(user.id, to, session);
    isNew = opened.isNew;
    return opened.log;
  } finally {
    // The other one may have begun it meanwhile.
    if (!isNew) limits.conversationNotMade(user.id, session);
  }
}
