// authenticate_token: logs a session in by a token, without a password and its hash.
import type { Command } from './services.js';
import { logInByToken, wrongToken } from './token-login.js';

/**
 * Answers the name as it is stored. Every token that is not right is the same 4, after the same work, and counts as a
 * password attempt. 12 where the token is right and its user is kept out.
 */
export const authenticateToken: Command<'authenticate_token'> = (session, request, services) =>
  services.tokens.check(
    request.parameters.token,
    (read) => services.reads.runSmall(session, read),
    (login, tried) => {
      if (login === undefined) return wrongToken(session, tried, 'token', services);
      return logInByToken(session, login, request, services) ?? { results: { username: login.user.name } };
    },
  );
