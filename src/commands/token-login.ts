// How every login by a token ends, whether the client has sent the token or has proved that it knows it.
import type { TokenLogin } from '../accounts/tokens.js';
import { chargeFailure } from '../session/budgets.js';
import { askedSettings } from '../session/session-settings.js';
import type { Session } from '../session/session.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import { say } from '../wire/words.js';
import { bannedUser, becomeUser, disabledUser } from './become-user.js';
import type { Services } from './services.js';

/** How the client has shown that it knows the token. */
type By = 'token' | 'proof';

/**
 * Makes the session the user's, with the settings that were kept with the token, unless the user is kept out (12) or
 * has too many sessions (14), or the request's `ref` has no room in a reply that these settings allow (7).
 */
export function logInByToken(
  session: Session,
  { user, token }: TokenLogin,
  request: Pick<AnyRequest, 'command' | 'ref'>,
  services: Services,
): Refusal | undefined {
  const by = request.command === 'authenticate_proof' ? 'proof' : 'token';
  const { accounts, audit, bans, tokens } = services;
  const fields = { ...session.auditFields, username: user.name, by };
  if (user.state !== 'active') {
    audit.write(fields, 'disabled_user_refused');
    return disabledUser();
  }
  const ban = bans.ofUser(user.key);
  if (ban !== undefined) {
    audit.write(fields, 'banned_user_refused');
    return bannedUser(ban);
  }
  const settings = askedSettings(token.settings);
  const refused =
    session.refTooLong(request, settings) ?? becomeUser(session, user, services, { by, token_id: token.id });
  if (refused !== undefined) return refused;
  session.ask(settings);
  accounts.loggedIn(session.peer.limitKey);
  tokens.used(token);
  return undefined;
}

/**
 * Refuses a login whose token or proof is not right (4), and charges it as a password attempt.
 * @param tried the name of the user whose token was meant, if there is one
 */
export function wrongToken(
  session: Session,
  tried: string | undefined,
  by: By,
  { audit, gates }: Pick<Services, 'audit' | 'gates'>,
): Refusal {
  chargeFailure(gates, session);
  audit.write({ ...session.auditFields, username: tried, by }, 'authentication_failed');
  return refusal('refused', say(by === 'token' ? 'wrong_token' : 'wrong_proof'));
}
