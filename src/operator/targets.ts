// Who is meant: a user, an address, a network or a session, and the sessions that are theirs.
import { nameKey } from '../accounts/names.js';
import { inNetworks, parseNetwork } from '../ip/networks.js';
import type { Session } from '../session/session.js';

/** The key of a session's user, if it has one. */
export function userKeyOf({ state }: Session): string | undefined {
  return state.kind === 'user' ? state.user.key : undefined;
}

/** A test of whether a session is meant by the text: `#7`, an address, a network, or a user's name. */
export function meant(target: string): (session: Session) => boolean {
  if (/^#\d+$/.test(target)) return ({ id }) => id === Number(target.slice(1));
  const network = parseNetwork(target);
  if (network !== undefined) {
    const isIn = inNetworks([network]);
    return ({ peer }) => isIn(peer.address);
  }
  const key = nameKey(target);
  return (session) => userKeyOf(session) === key;
}

/** Ends those sessions with a 199; how many. */
export function endAll(sessions: Iterable<Session>, which: (session: Session) => boolean, reason: string, because: 'kicked' | 'banned' | 'server'): number {
  // Those first, then their end: ending one may change what is iterated.
  const ending = [...sessions].filter(which);
  for (const { line } of ending) line.finish(reason, undefined, because);
  return ending.length;
}
