import { nameKey } from '../text/names.js';
import type { Login } from '../chat/eviction.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Command, Services } from './services.js';

export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, services) => {
  const { username, password } = parameters;
  const { limitKey, exempt } = session.peer;
  const account = nameKey(username);
  const { accounts, audit, backoff, bans, gates } = services;
  const wait = exempt ? 0 : backoff.wait(account, limitKey, gates.now());
  if (wait > 0) return refusal('rate_limited', 'too many wrong passwords: try again later', { retry_after: wait });
  // In the same step, before the password is looked at: those that are sent meanwhile find it counted.
  const attempt = backoff.begin(account, limitKey, gates.now());
  const login = services.evictions.loggingIn(account);
  try {
    const user = await accounts
      .authenticate(username, password, limitKey, ({ key }) => bans.ofUser(key) === undefined)
      .catch((error: unknown) => {
        // The password was not checked, so it was not wrong.
        attempt.withdraw();
        throw error;
      });
    if ('tried' in user) {
      attempt.failed(gates.now());
      // Not the name as it was sent: people type their passwords there.
      audit.write({ ...fieldsOf(session), username: user.tried }, 'authentication_failed');
      return refused();
    }
    attempt.succeeded();
    return becomeUser(session, user, login, services) ? { results: { username: user.name } } : refused();
  } finally {
    login.end();
  }
};

/** The session is the user's whom a certificate names, where there is such a one who may come in; else it stays a guest's. Never rejects. */
export async function enterByCertificate(session: Session, username: string, services: Services): Promise<void> {
  const { accounts, audit, log } = services;
  const login = services.evictions.loggingIn(nameKey(username));
  try {
    const user = await accounts.withoutPassword(username);
    if (user === undefined) audit.write({ ...fieldsOf(session), username }, 'certificate_refused');
    else becomeUser(session, user, login, services, 'certificate');
  } catch (err) {
    log.error({ ...fieldsOf(session), err }, 'store_failed');
  } finally {
    login.end();
  }
}

/**
 * The session is the user's from here on. In one step with the last look at what may keep the user out: whoever puts
 * the user out before this step finds the login, and whoever does it after finds the session. False where the user may
 * not come in, or the session has ended.
 */
function becomeUser(
  session: Session,
  { id, name, key }: UserRecord,
  { evicted }: Login,
  { audit, bans }: Services,
  by?: 'certificate',
): boolean {
  const fields = { ...fieldsOf(session), username: name };
  if (bans.ofUser(key) !== undefined) {
    audit.write(fields, by === 'certificate' ? 'certificate_refused' : 'banned_user_refused');
    return false;
  }
  if (evicted !== undefined) {
    // It has shown that it is the user, and is put out as the user's other sessions were.
    session.evict(evicted);
    return false;
  }
  if (!session.becomeUser({ id, name, key })) return false;
  audit.write(by === undefined ? fields : { ...fields, by }, 'authenticated');
  return true;
}

/** Whose request it was, for the log. */
function fieldsOf({ id, peer }: Session): { readonly session: number; readonly address: string } {
  return { session: id, address: peer.address };
}

/** The same for whatever is wrong. */
function refused(): Refusal {
  return refusal('refused', 'wrong username or password');
}
