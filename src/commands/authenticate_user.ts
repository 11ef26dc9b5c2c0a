// authenticate_user: logs a session in by a password. Also logs it in by a TLS certificate, before the first line.
import type { Login } from '../chat/presence.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { TakeTurn } from '../store/store.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { becomeUser } from './become-user.js';
import type { Command, Services } from './services.js';

/**
 * Answers the name as it is stored. Every failure is the same 4, after the same time. After too many wrong passwords
 * answers 14, with the time to wait (accounts/backoff.ts).
 */
export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, services) => {
  const { username, password } = parameters;
  const { limitKey, exempt, local } = session.peer;
  const account = nameKey(username);
  const { accounts, audit, backoff, bans, gates, presence, reads } = services;
  // Whoever is on this machine needs no network to guess passwords, and a gateway here asks for many people.
  const wait = exempt && local === true ? 0 : backoff.wait(account, limitKey, gates.now(), exempt);
  if (wait > 0) {
    gates.counters.limit('wrong_passwords');
    return refusal('rate_limited', 'too many wrong passwords: try again later', { retry_after: wait });
  }
  // In the same step as `wait`, before the password is checked: attempts that are sent meanwhile find it counted.
  const attempt = backoff.begin(account, limitKey, gates.now());
  const login = presence.loggingIn(account);
  const inTurn: TakeTurn = (read) => reads.run(session, read);
  try {
    const user = await accounts
      .authenticate(username, password, limitKey, ({ key }) => bans.ofUser(key) === undefined, inTurn)
      .catch((error: unknown) => {
        // The password was not checked, so it was not wrong.
        attempt.withdraw();
        throw error;
      });
    if ('tried' in user) {
      attempt.failed(gates.now());
      // The stored name, not the name that was sent: people type their passwords there.
      audit.write({ ...session.auditFields, username: user.tried }, 'authentication_failed');
      return refused();
    }
    attempt.succeeded();
    return logIn(session, user, login, services) ?? { results: { username: user.name } };
  } finally {
    login.end();
  }
};

/**
 * Logs the session in as the user that its client's certificate names. Where there is no such user, or the user may
 * not log in, the session stays a guest's. Never rejects.
 */
export async function authenticateByCertificate(session: Session, username: string, services: Services): Promise<void> {
  const { accounts, audit, log, presence, reads } = services;
  const login = presence.loggingIn(nameKey(username));
  try {
    const user = await accounts.withoutPassword(username, (read) => reads.run(session, read));
    if (user === undefined) audit.write({ ...session.auditFields, username }, 'certificate_refused');
    else {
      const refusal = logIn(session, user, login, services, 'certificate');
      // There is no request whose answer could say so.
      if (refusal?.retry_after !== undefined)
        session.evict({ reason: refusal.error, because: 'server', retryAfter: refusal.retry_after });
    }
  } catch (err) {
    log.error({ ...session.auditFields, err }, 'store_failed');
  } finally {
    login.end();
  }
}

/**
 * Makes the session the user's. Answers a refusal where the user may not log in or has too many sessions, or this
 * session has ended.
 *
 * It checks for bans and evictions in the same step: an eviction before this step finds the login, an eviction after
 * it finds the session.
 */
function logIn(
  session: Session,
  user: UserRecord,
  { evicted }: Login,
  services: Services,
  by?: 'certificate',
): Refusal | undefined {
  const { audit, bans } = services;
  if (bans.ofUser(user.key) !== undefined) {
    const fields = { ...session.auditFields, username: user.name };
    audit.write(fields, by === 'certificate' ? 'certificate_refused' : 'banned_user_refused');
    return refused();
  }
  if (evicted !== undefined) {
    // The password was right, so this session is evicted as the user's other sessions were.
    session.evict(evicted);
    return refused();
  }
  return becomeUser(session, user, services, by && { by });
}

/** Makes the one refusal for every failure. */
function refused(): Refusal {
  return refusal('refused', 'wrong username or password');
}
