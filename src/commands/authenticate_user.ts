// authenticate_user: logs a session in by a password. Also logs in, before its first line, a session whose user TLS has
// made sure of.
import type { Login } from '../chat/presence.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { code } from '../wire/generated/codes.js';
import type { Refusal } from '../wire/refusal.js';
import { bannedUser, becomeUser, disabledUser } from './become-user.js';
import { checkPassword, refused } from './password-check.js';
import type { Command, Services } from './services.js';

/**
 * Answers the name as it is stored. Every failure is the same 4, after the same time. After too many wrong passwords
 * answers 14, with the time to wait. 12 for one whom a ban or an operator keeps out and whose password is right.
 */
export const authenticateUser: Command<'authenticate_user'> = async (session, { parameters }, services) => {
  const { audit, bans, presence } = services;
  const login = presence.loggingIn(nameKey(parameters.username));
  try {
    const user = await checkPassword(session, parameters, services, ({ key }) => bans.ofUser(key) === undefined);
    if ('code' in user) return user;
    if ('disabled' in user) {
      audit.write({ ...session.auditFields, username: user.disabled.name }, 'disabled_user_refused');
      return disabledUser();
    }
    return logIn(session, user, login, services) ?? { results: { username: user.name } };
  } finally {
    login.end();
  }
};

/** A user whom TLS has made sure of. */
interface TlsUser {
  readonly name: string;
  readonly by: 'certificate' | 'psk';
}

/**
 * Logs the session in as the user whom TLS has made sure of. Where there is no such user, or the user may not log in,
 * the session stays a guest's. Never rejects.
 */
export async function authenticateByTls(
  session: Session,
  { name: username, by }: TlsUser,
  services: Services,
): Promise<void> {
  const { accounts, audit, log, presence, reads } = services;
  const login = presence.loggingIn(nameKey(username));
  try {
    const user = await accounts.withoutPassword(username, (read) => reads.run(session, read));
    if (user === undefined)
      audit.write({ ...session.auditFields, username }, by === 'psk' ? 'psk_refused' : 'certificate_refused');
    else {
      const refusal = logIn(session, user, login, services, by);
      // There is no request whose answer could say so.
      if (refusal?.retry_after !== undefined && refusal.code !== code.not_permitted)
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
  by?: TlsUser['by'],
): Refusal | undefined {
  const { audit, bans } = services;
  const fields = { ...session.auditFields, username: user.name };
  const ban = bans.ofUser(user.key);
  if (ban !== undefined) {
    audit.write(
      fields,
      by === undefined ? 'banned_user_refused' : by === 'psk' ? 'psk_refused' : 'certificate_refused',
    );
    return bannedUser(ban);
  }
  if (evicted !== undefined) {
    // The password was right, so this session is evicted as the user's other sessions were.
    session.evict(evicted);
    return refused();
  }
  return becomeUser(session, user, services, by && { by });
}
