// chatroom_message: hands a message to the store. chat/delivery.ts answers and shows it when it is committed.
import { Post } from '../chat/post.js';
import type { Kind } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command } from './services.js';

/** The kinds of messages that have to be about another message. */
const kindsWithRe: ReadonlySet<Kind> = new Set(['reply', 'edit', 'reaction']);

/** Whether a message names none that it could be about: no message has the id 0, and some kinds need one. */
export function lacksRe(kind: Kind, re: number | undefined): boolean {
  return re === 0 || (kind !== 'text' && re === undefined && kindsWithRe.has(kind));
}

/** Answers on commit. Makes neither a promise nor a closure: it is the hot path. */
export const chatroomMessage: Command<'chatroom_message'> = (session, request, { store, gates }, member) => {
  const { message, key, kind = 'text', re } = request.parameters;
  if (lacksRe(kind, re)) return refusal('not_found', say('re_not_in_room'));
  const text = request.jsonText ?? jsonText(message);
  const { room, user } = member;
  const { id, settings } = room.record;
  const spoke = settings.slowSeconds > 0 ? gates.slowMode.spoke(id, user.id, settings.slowSeconds) : undefined;
  const post = new Post(session, room, user, member, text, key, request.ref, kind, re, 'chatroom_message', spoke);
  // The gates have asked the store in this same step.
  if (store.log.append(post) !== 'taken') throw new Error('the store does not take what the gates let through');
  member.pending += 1;
  return 'on commit';
};
