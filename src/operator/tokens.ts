// Operators' commands about the tokens by which users' devices log in: list and end them.
import { endSessionsOf, tokenEnded, usesOneOf } from '../session/end-sessions.js';
import { defaultLimit, listPage } from '../session/list-page.js';
import { listedToken } from '../session/listed-token.js';
import { refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';
import { findAccount, noSuchUser } from './accounts.js';
import type { OperatorCommand } from './services.js';

/** Lists the tokens of a user behind the token `after`, the newest first. A user has 1,000 at most. */
export const listTokens: OperatorCommand<'list_tokens'> = async (_operator, { parameters }, services) => {
  const { user: name, after, limit = defaultLimit } = parameters;
  const { inTurn, presence, tokens } = services;
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  const all = await tokens.list(user.id, inTurn);
  const sessions = presence.sessionsOf(user.key);
  const found = all.slice(after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1);
  return listPage('tokens', found, limit, (token) => ({
    ...listedToken(token),
    sessions: sessions.filter((session) => usesOneOf(new Set([token.id]), session)).length,
  }));
};

/**
 * Ends a token of a user, or all of them, and their sessions. Refuses (11) where there is no such user, or no such
 * token.
 */
export const endTokens: OperatorCommand<'end_tokens'> = async (_operator, { parameters }, services) => {
  const { user: name, token_id: id } = parameters;
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  const { tokens } = services;
  const ended = await (id === undefined ? tokens.endAll(user.id) : tokens.end(user.id, id));
  if (ended.size === 0 && id !== undefined)
    return refusal('not_found', verbatim(`${user.name} has no token of that id`));
  const sessions = endSessionsOf(ended, user.key, tokenEnded, services);
  return { results: { username: user.name, tokens: ended.size, sessions } };
};
