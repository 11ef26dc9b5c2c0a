// update_user: changes the names of the session's user, and what it says of itself.
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command } from './services.js';

/** Changes what is given. Nothing given is a success too. */
export const updateUser: Command<'update_user'> = async (session, { parameters }, { store }) => {
  const { first_name: firstName, last_name: lastName, status } = parameters;
  const change = {
    ...(firstName === undefined ? {} : { firstName }),
    ...(lastName === undefined ? {} : { lastName }),
    ...(status === undefined ? {} : { status }),
  };
  if (Object.keys(change).length === 0) return { results: {} };
  const changed = await store.directory.changeUser(session.identity.user.id, change, undefined, session);
  return changed === 'changed' ? { results: {} } : refusal('not_authenticated', say('user_deleted'));
};
