import { nameKey } from '../accounts/names.js';
import { json } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Command } from './services.js';

export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, { accounts, backoff, bans, gates, log }) => {
  const { username, password } = parameters;
  const { address, limitKey, exempt } = session.peer;
  const account = nameKey(username);
  const wait = exempt ? 0 : backoff.wait(account, limitKey, gates.now());
  if (wait > 0) return refusal('rate_limited', 'too many wrong passwords', { retry_after: wait });
  const user = await accounts.authenticate(username, password, limitKey);
  if ('tried' in user) {
    backoff.failed(account, limitKey, gates.now());
    // Not the name as it was sent: people type their passwords there.
    log.info({ session: session.id, address, username: user.tried }, 'authentication_failed');
    return refused();
  }
  backoff.succeeded(account, limitKey);
  const { id, name, key } = user;
  if (bans.ofUser(key) !== undefined) {
    log.info({ session: session.id, address, username: name }, 'banned_user_refused');
    return refused();
  }
  session.state = { kind: 'user', user: { id, name, key, json: json(name) }, members: new Map() };
  log.info({ session: session.id, address, username: name }, 'authenticated');
  return { results: { username: name } };
};

/** The same for whatever is wrong. */
function refused(): Refusal {
  return refusal('refused', 'no user has this name and password');
}
