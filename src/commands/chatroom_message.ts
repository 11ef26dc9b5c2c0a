// chatroom_message: hands a message to the store. chat/delivery.ts answers and shows it when it is committed.
import { Post } from '../chat/post.js';
import { jsonText } from '../text/json.js';
import type { Command } from './services.js';

/** Answers on commit. Makes neither a promise nor a closure: it is the hot path. */
export const chatroomMessage: Command<'chatroom_message'> = (session, request, { store, gates }, member) => {
  const { message, key } = request.parameters;
  const text = request.jsonText ?? jsonText(message);
  const post = new Post(session, member.room, member.user, member, text, key, request.ref);
  // The gates have asked the store in this same step.
  if (store.log.append(post) !== 'taken') throw new Error('the store does not take what the gates let through');
  member.pending += 1;
  const { id, settings } = member.room.record;
  if (settings.slowSeconds > 0) gates.slowMode.spoke(id, member.user.id, settings.slowSeconds);
  return 'on commit';
};
