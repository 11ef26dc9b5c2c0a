// unban_user: ends the ban of a user from a room.
import { isBanned } from '../chat/permissions.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/** Lets the user enter again. It does not become a member by that. Refuses (11) where it is not banned. */
export const unbanUser: Command<'unban_user'> = async (session, request, services, member, target) => {
  const refused = await changeRoom({ session, request, services, member, target }, (record) =>
    isBanned(record, target.id, Date.now()) ? { unban: target.id } : refusal('not_found', say('user_not_banned')),
  );
  return refused ?? { results: {} };
};
