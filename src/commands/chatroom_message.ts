// chatroom_message: the message goes to the store, and is answered and shown when it is committed (chat/delivery.ts).
import { Post } from '../chat/post.js';
import { json } from '../text/json.js';
import type { Command } from './services.js';

/** Answers on commit. Makes neither a promise nor a closure: it is the hot path. */
export const chatroomMessage: Command<'chatroom_message'> = (session, request, { store }, member) => {
  const { message, key } = request.parameters;
  const post = new Post(session, member, request.literal ?? json(message), key, request.ref);
  if (!store.append(post)) throw new Error('the gates let a message through that the store does not take');
  member.pending += 1;
  return 'on commit';
};
