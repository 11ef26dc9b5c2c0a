// Makes a session the user's at the end of a login, however the user was recognized.
import type { Session } from '../session/session.js';
import type { Ban, UserRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** Refuses a user whom an operator has disabled, although the password or the token is right. */
export function disabledUser(): Refusal {
  return refusal('not_permitted', say('account_disabled'));
}

/**
 * Refuses a banned user, although the password or the token is right. Says when to come back, where the ban has an end.
 */
export function bannedUser({ reason, until }: Pick<Ban, 'reason' | 'until'>): Refusal {
  const error = reason === '' ? say('banned') : say('banned_because', { reason });
  if (until === undefined) return refusal('not_permitted', error);
  return refusal('not_permitted', error, { retry_after: Math.max(1, until - Date.now()) });
}

/** How a user was recognized, where it was not by a password. */
export type LoginBy =
  | { readonly by: 'certificate' | 'psk' }
  | { readonly by: 'token' | 'proof'; readonly token_id: string };

/**
 * Makes the session the user's. Answers a refusal where the user has too many sessions, or this session has ended.
 * Whether the user may log in was decided in the same step.
 */
export function becomeUser(
  session: Session,
  { id, name, key }: UserRecord,
  { audit, limits, presence }: Pick<Services, 'audit' | 'limits' | 'presence'>,
  how?: LoginBy,
): Refusal | undefined {
  const tooMany = limits.loggingIn(session, () => presence.countOf(key));
  if (tooMany !== undefined) return tooMany;
  const token = how !== undefined && 'token_id' in how ? how.token_id : undefined;
  if (!session.becomeUser({ id, name, key }, token)) return refusal('refused', say('session_cannot_authenticate'));
  audit.write({ ...session.auditFields, username: name, ...how }, 'authenticated');
  return undefined;
}
