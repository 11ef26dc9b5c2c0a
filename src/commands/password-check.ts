// Checks the passwords that clients send: one way for logins and for what a user confirms by its password, so that all
// of them count as password attempts, and take the same time whatever is wrong.
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { TakeTurn } from '../store/store.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** A user whose password was right, or who is disabled and gave the right one. */
export type Checked = UserRecord | { readonly disabled: UserRecord };

/**
 * Checks a password. Every failure is the same 4, after the same time. After too many wrong passwords answers 14, with
 * the time to wait (accounts/backoff.ts). Rejects with PasswordsBusy, and as the store does.
 * @param renews as `Accounts.authenticate` takes it
 */
export async function checkPassword(
  session: Session,
  { username, password }: { readonly username: string; readonly password: string },
  { accounts, audit, backoff, gates, reads }: Services,
  renews: (user: UserRecord) => boolean,
): Promise<Checked | Refusal> {
  const { limitKey, exempt, local, shared = exempt } = session.peer;
  const account = nameKey(username);
  // Whoever is on this machine needs no network to guess passwords, and a gateway here asks for many people.
  const wait = exempt && local === true ? 0 : backoff.wait(account, limitKey, gates.now(), shared);
  if (wait > 0) {
    gates.counters.limit('wrong_passwords');
    return refusal('rate_limited', say('too_many_wrong_passwords'), { retry_after: wait });
  }
  // In the same step as `wait`, before the password is checked: attempts that are sent meanwhile find it counted.
  const attempt = backoff.begin(account, limitKey, gates.now());
  const inTurn: TakeTurn = (read) => reads.runSmall(session, read);
  const user = await accounts.authenticate(username, password, limitKey, renews, inTurn).catch((error: unknown) => {
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
  return user;
}

/**
 * Checks the password of the session's own user, who confirms by it what it asks for. 4 where the session has ended or
 * the user may not log in any more.
 */
export async function checkOwnPassword(
  session: Session,
  password: string,
  services: Services,
): Promise<UserRecord | Refusal> {
  const { user } = session.identity;
  const checked = await checkPassword(session, { username: user.name, password }, services, () => false);
  if ('code' in checked) return checked;
  return 'disabled' in checked || checked.id !== user.id || session.gone ? refused() : checked;
}

/** Makes the one refusal for every failure. */
export function refused(): Refusal {
  return refusal('refused', say('wrong_password'));
}
