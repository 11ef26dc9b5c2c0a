// Who sent a request: what gates, budgets and logs have to know of a session, a client's or an operator's.
import type { ChatUser } from '../chat/presence.js';
import type { Member } from '../chat/room.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';

/** The other end of the connection, as far as the network tells. */
export interface Peer {
  readonly address: string;
  /** The key by which the address's limits are counted. */
  readonly limitKey: string;
  /** Nobody else sees a password on the connection: it is encrypted, or comes from this machine (code 17). */
  readonly confidential: boolean;
  readonly encrypted: boolean;
  /** No budget counts it. */
  readonly exempt: boolean;
}

/** A user, and the rooms that it is in by this session, by their keys. */
export interface Identity {
  readonly kind: 'user';
  readonly user: ChatUser;
  readonly members: Map<string, Member>;
}

/** Who the session is: nobody yet, or a user. */
export type State = { readonly kind: 'guest' } | Identity;

/** Who sent a request. */
export interface Requester {
  readonly id: number;
  readonly peer: Peer;
  readonly state: State;
  /** It has ended, and no answer reaches it. */
  readonly gone: boolean;
  /** Names it in the log. */
  readonly logFields: object;
}

/**
 * The requester's place in the room of that name, or undefined where it is not in it, whether there is such a room or
 * not.
 */
export function memberOf({ state }: Requester, room: string): Member | undefined {
  if (state.kind === 'guest') return undefined;
  // Most names are their own keys.
  return state.members.get(room) ?? state.members.get(nameKey(room));
}

/** The refusal where the requester is not in the room that it names (10), whether there is such a room or not. */
export function notInRoom(): Refusal {
  return refusal('not_in_room', 'this session has not joined that room');
}
