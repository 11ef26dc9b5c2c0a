// create_user: creates a user. This does not log the session in.
import { refusal } from '../wire/refusal.js';
import type { Command } from './services.js';

/** Answers the name as it is stored, and the other names as they were read. 4 where the name is taken, or looks like a taken one. */
export const createUser: Command<'create_user'> = async (session, { parameters }, { accounts, audit }) => {
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const account = { username, firstName, lastName, password };
  const name = await accounts.create(account, session.peer.limitKey, () => !session.gone);
  if (name === undefined) return refusal('refused', 'this name is taken, or looks like a taken one');
  audit.write({ ...session.auditFields, username: name }, 'user_created');
  return { results: { username: name, first_name: firstName, last_name: lastName } };
};
