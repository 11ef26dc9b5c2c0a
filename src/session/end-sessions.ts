// Ends the sessions of tokens that have ended, and all that a user has but one session, for clients' and operators'
// commands alike.
import type { Accounts } from '../accounts/accounts.js';
import type { Eviction, Evictions } from '../chat/eviction.js';
import type { Presence } from '../chat/presence.js';
import type { UserChange, UserRecord } from '../store/directory.js';
import type { Session } from './session.js';

/** What ending sessions needs. */
export interface EndingServices {
  readonly presence: Pick<Presence<Session>, 'sessionsOf'>;
  readonly evictions: Pick<Evictions, 'user'>;
}

/** What the sessions of a token are told when somebody has ended it. */
export const tokenEnded: Eviction = { reason: 'the token of this session was deleted', because: 'server' };

/** What the sessions of a token are told when it has expired. */
export const tokenExpired: Eviction = { reason: 'the token of this session has expired', because: 'server' };

/**
 * Ends the sessions that these tokens have logged in, with a 199, but `except`. Answers how many.
 * @param user the key of their user
 */
export function endSessionsOf(
  tokens: ReadonlySet<string>,
  user: string,
  eviction: Eviction,
  { presence }: Pick<EndingServices, 'presence'>,
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

/**
 * Changes a user, ends its tokens in the same transaction, and then its sessions: all but those of `except`. False,
 * without a change, where the user is deleted by then. Rejects as the store does.
 */
export async function changeAndEndOthers(
  user: UserRecord,
  change: UserChange,
  eviction: Eviction,
  { accounts, evictions }: { readonly accounts: Accounts } & Pick<EndingServices, 'evictions'>,
  except?: Session,
): Promise<boolean> {
  const token = except?.state.kind === 'user' ? except.state.token : undefined;
  if (!(await accounts.change(user, { ...change, endTokens: { except: token } }))) return false;
  await evictions.user(user.key, eviction, except);
  return true;
}
