// authenticate_token: logs a session in by a token, without a password and its hash.
import type { TokenLogin } from '../accounts/tokens.js';
import { chargeFailure } from '../session/budgets.js';
import { askedSettings } from '../session/session-settings.js';
import type { Session } from '../session/session.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { bannedUser, becomeUser, disabledUser } from './become-user.js';
import type { Command, Services } from './services.js';

/**
 * Answers the name as it is stored. Every token that is not right is the same 4, after the same work, and counts as a
 * password attempt. 12 where the token is right and its user is kept out.
 */
export const authenticateToken: Command<'authenticate_token'> = (session, { parameters }, services) =>
  services.tokens.check(
    parameters.token,
    (read) => services.reads.runSmall(session, read),
    (login, tried) => {
      if (login !== undefined) return logIn(session, login, services) ?? { results: { username: login.user.name } };
      chargeFailure(services.gates, session);
      services.audit.write({ ...session.auditFields, username: tried, by: 'token' }, 'authentication_failed');
      return refusal('refused', say('wrong_token'));
    },
  );

/** Makes the session the user's, unless the user is kept out or has too many sessions. */
function logIn(session: Session, { user, token }: TokenLogin, services: Services): Refusal | undefined {
  const { accounts, audit, bans, tokens } = services;
  const fields = { ...session.auditFields, username: user.name, by: 'token' };
  if (user.state !== 'active') {
    audit.write(fields, 'disabled_user_refused');
    return disabledUser();
  }
  const ban = bans.ofUser(user.key);
  if (ban !== undefined) {
    audit.write(fields, 'banned_user_refused');
    return bannedUser(ban);
  }
  const refused = becomeUser(session, user, services, { by: 'token', token_id: token.id });
  if (refused !== undefined) return refused;
  session.ask(askedSettings(token.settings));
  accounts.loggedIn(session.peer.limitKey);
  tokens.used(token);
  return undefined;
}
