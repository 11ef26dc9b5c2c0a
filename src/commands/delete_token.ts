// delete_token: ends a token of the session's user, with all that it has logged in.
import { endSessionsOf, tokenEnded, usesOneOf } from '../session/end-sessions.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command } from './services.js';

/** Ends the other sessions of the token before it answers, and this one, if it is of that token, after its reply. */
export const deleteToken: Command<'delete_token'> = async (session, { parameters }, services) => {
  const { audit, tokens } = services;
  const { user } = session.identity;
  const ended = await tokens.end(user.id, parameters.token_id, session);
  if (ended.size === 0) return refusal('not_found', say('no_such_token'));
  audit.write({ ...session.auditFields, username: user.name, token_id: parameters.token_id }, 'token_deleted');
  endSessionsOf(ended, user.key, tokenEnded, services, session);
  const afterwards = (): void => {
    if (usesOneOf(ended, session)) session.evict(tokenEnded);
  };
  return { results: {}, afterwards };
};
