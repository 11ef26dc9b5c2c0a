import { nameKey } from '../accounts/names.js';
import type { Session } from '../session/session.js';
import type { User } from '../store/store.js';
import { json } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Command, Services } from './services.js';

export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, { accounts, audit, backoff, bans, gates }) => {
  const { username, password } = parameters;
  const { address, limitKey, exempt } = session.peer;
  const account = nameKey(username);
  const wait = exempt ? 0 : backoff.wait(account, limitKey, gates.now());
  if (wait > 0) return refusal('rate_limited', 'too many wrong passwords', { retry_after: wait });
  const user = await accounts.authenticate(username, password, limitKey, ({ key }) => bans.ofUser(key) === undefined);
  if ('tried' in user) {
    backoff.failed(account, limitKey, gates.now());
    // Not the name as it was sent: people type their passwords there.
    audit.write({ session: session.id, address, username: user.tried }, 'authentication_failed');
    return refused();
  }
  backoff.succeeded(account, limitKey);
  const { name, key } = user;
  if (bans.ofUser(key) !== undefined) {
    audit.write({ session: session.id, address, username: name }, 'banned_user_refused');
    return refused();
  }
  becomeUser(session, user);
  audit.write({ session: session.id, address, username: name }, 'authenticated');
  return { results: { username: name } };
};

/** The session is the user's whom a certificate names, where there is such a one who may come in; else it stays a guest's. Never rejects. */
export async function enterByCertificate(session: Session, username: string, { accounts, audit, bans, log }: Services): Promise<void> {
  const fields = { session: session.id, address: session.peer.address };
  try {
    const user = await accounts.withoutPassword(username);
    if (user !== undefined && bans.ofUser(user.key) === undefined) {
      becomeUser(session, user);
      audit.write({ ...fields, username: user.name, by: 'certificate' }, 'authenticated');
    } else {
      audit.write({ ...fields, username }, 'certificate_refused');
    }
  } catch (err) {
    log.error({ ...fields, err }, 'store_failed');
  }
}

function becomeUser(session: Session, { id, name, key }: User): void {
  session.state = { kind: 'user', user: { id, name, key, json: json(name) }, members: new Map() };
}

/** The same for whatever is wrong. */
function refused(): Refusal {
  return refusal('refused', 'no user has this name and password');
}
