// The checks that need the session, in the contract's order (PROTOCOL.md §2.4: 8, 9, 13, 17, 14). Each is driven by the
// command's spec; none knows a command by its name. What a command checks itself comes after.
import { nameKey } from '../text/names.js';
import type { Throttle } from '../accounts/throttle.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Request } from '../wire/request.js';
import type { Session } from './session.js';

export interface GateSettings {
  /** Passwords are taken on unencrypted connections from other machines too. */
  readonly allowPlaintext: boolean;
  readonly passwordAttempts: Throttle;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

type Gate = (session: Session, request: Request, settings: GateSettings) => Refusal | undefined;

const authenticated: Gate = ({ state }, { spec }) =>
  spec.user === 'own' && state.kind === 'guest' ? refusal('not_authenticated', 'authenticate first') : undefined;

const ownUsername: Gate = ({ state }, { spec, parameters }) => {
  if (spec.user !== 'own' || state.kind === 'guest' || !('username' in parameters)) return undefined;
  const { username } = parameters;
  const same = username === state.user.name || nameKey(username) === state.user.key;
  return same ? undefined : refusal('wrong_user', 'username is not the user of this session');
};

const notYetAuthenticated: Gate = ({ state }, { spec }) =>
  spec.user === 'none' && state.kind === 'user'
    ? refusal('already_authenticated', 'this session has a user already: log out first')
    : undefined;

const encrypted: Gate = ({ peer }, { spec }, { allowPlaintext }) => {
  if (spec.secret !== true || peer.confidential || allowPlaintext) return undefined;
  const error = 'passwords are not accepted on an unencrypted connection from another machine: use TLS';
  return refusal('encryption_required', error);
};

const passwordRate: Gate = ({ peer }, { spec }, { passwordAttempts, now }) => {
  if (spec.secret !== true || peer.exempt) return undefined;
  const retryAfter = passwordAttempts.take(peer.limitKey, now());
  return retryAfter === 0
    ? undefined
    : refusal('rate_limited', 'too many password attempts from your address', { retry_after: retryAfter });
};

const gates: readonly Gate[] = [authenticated, ownUsername, notYetAuthenticated, encrypted, passwordRate];

/** The refusal of the first gate that does not let the request through, if any. */
export function passGates(session: Session, request: Request, settings: GateSettings): Refusal | undefined {
  for (const gate of gates) {
    const refused = gate(session, request, settings);
    if (refused !== undefined) return refused;
  }
  return undefined;
}
