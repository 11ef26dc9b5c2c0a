// list_tokens: lists the tokens of the session's user.
import { listedToken } from '../session/listed-token.js';
import type { Command } from './services.js';

/** Lists the tokens that have not expired, the newest first. */
export const listTokens: Command<'list_tokens'> = async (session, _request, { reads, tokens }) => {
  const found = await tokens.list(session.identity.user.id, (read) => reads.run(session, read));
  return { results: {}, list: { name: 'tokens', items: found.map(listedToken) } };
};
