// Ends the sessions of tokens that have ended, for clients' and operators' commands alike.
import type { Eviction } from '../chat/eviction.js';
import type { Presence } from '../chat/presence.js';
import { say } from '../wire/words.js';
import type { Session } from './session.js';

/** What the sessions of a token are told when somebody has ended it. */
export const tokenEnded: Eviction = { reason: say('reasons.token_deleted'), because: 'server' };

/** What the sessions of a token are told when it has expired. */
export const tokenExpired: Eviction = { reason: say('reasons.token_expired'), because: 'server' };

/**
 * Ends the sessions that these tokens have logged in, with a 199, but `except`. Answers how many.
 * @param user the key of their user
 */
export function endSessionsOf(
  tokens: ReadonlySet<string>,
  user: string,
  eviction: Eviction,
  { presence }: { readonly presence: Pick<Presence<Session>, 'sessionsOf'> },
  except?: Session,
): number {
  let ended = 0;
  for (const session of presence.sessionsOf(user))
    if (session !== except && usesOneOf(tokens, session) && session.evict(eviction)) ended += 1;
  return ended;
}

/** Whether the session was logged in by one of these tokens. */
export function usesOneOf(tokens: ReadonlySet<string>, { state }: Pick<Session, 'state'>): boolean {
  return state.kind === 'user' && state.token !== undefined && tokens.has(state.token);
}
