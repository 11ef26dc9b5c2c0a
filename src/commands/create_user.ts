import { refusal } from '../wire/refusal.js';
import type { Command } from './services.js';

export const createUser: Command<'create_user'> = async (
  session,
  { parameters },
  { accounts, audit, registrationOpen },
) => {
  if (!registrationOpen) return refusal('not_permitted', 'registration is closed: ask the operator');
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const account = { username, firstName, lastName, password };
  const name = await accounts.create(account, session.peer.limitKey, () => !session.gone);
  if (name === undefined) return refusal('refused', 'this name is taken, or looks like a taken one');
  audit.write({ session: session.id, address: session.peer.address, username: name }, 'user_created');
  return { results: { username: name } };
};
