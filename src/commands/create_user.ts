// create_user: creates a user. This does not log the session in.
import type { TakeTurn } from '../store/store.js';
import { refusal } from '../wire/refusal.js';
import type { Command } from './services.js';

/**
 * Answers the name as it is stored, and the other names as they were read. 14 where the address has made too many users
 * today. 4 where the name is taken, or looks like a taken one.
 */
export const createUser: Command<'create_user'> = async (
  session,
  { parameters },
  { accounts, audit, limits, reads },
) => {
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const account = { username, firstName, lastName, password };
  const { limitKey } = session.peer;
  const inTurn: TakeTurn = (read) => reads.run(session, read);
  const refused = limits.makingUser(session);
  if (refused !== undefined) return refused;
  let name: string | undefined;
  try {
    name = await accounts.create(account, limitKey, () => !session.gone, inTurn);
  } finally {
    if (name === undefined) limits.userNotMade(session);
  }
  if (name === undefined) return refusal('refused', 'this name is taken, or looks like a taken one');
  audit.write({ ...session.auditFields, username: name }, 'user_created');
  return { results: { username: name, first_name: firstName, last_name: lastName } };
};
