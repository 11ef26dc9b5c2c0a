import { json } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import type { Command } from './services.js';

export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, { accounts, log }) => {
  const { username, password } = parameters;
  const user = await accounts.authenticate(username, password);
  if ('tried' in user) {
    // Not the name as it was sent: people type their passwords there.
    log.info({ session: session.id, address: session.peer.address, username: user.tried }, 'authentication_failed');
    return refusal('refused', 'no user has this name and password');
  }
  const { id, name, key } = user;
  session.state = { kind: 'user', user: { id, name, key, json: json(name) }, members: new Map() };
  log.info({ session: session.id, address: session.peer.address, username: name }, 'authenticated');
  return { results: { username: name } };
};
