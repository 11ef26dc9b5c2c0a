// The sender of a request, as gates, budgets and logs see it: a client's session or an operator's.
import type { Challenge } from '../accounts/token-proof.js';
import type { ChatUser } from '../chat/presence.js';
import type { Member } from '../chat/member.js';
import { nameKey } from '../text/names.js';
import type { Payer } from '../turns/payer.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';

/** The other end of the connection, as far as the network knows it. */
export interface Peer {
  /** Its IP address, or what stands for it where it came over a Unix socket, such as `unix:/run/salond/chat.sock`. */
  readonly address: string;
  /** The key by which the address's limits are counted. */
  readonly limitKey: string;
  /** Whether a password is safe on the connection: it is encrypted, or comes from this machine (code 17). */
  readonly confidential: boolean;
  readonly encrypted: boolean;
  /** Whether it is this machine. */
  readonly local?: boolean;
  /** Whether the address stands for many: all who may open a Unix socket. */
  readonly shared?: boolean;
  /** Whether it is exempt from budgets, and from the delays of its address. */
  readonly exempt: boolean;
}

/** A user, and the session's members by the keys of their rooms. */
export interface Identity {
  readonly kind: 'user';
  readonly user: ChatUser;
  readonly members: Map<string, Member>;
  /** The id of the token that logged the session in, if one did. */
  readonly token?: string | undefined;
}

/** A guest, and the challenge that it may answer by the proof of a token, if it has asked for one. */
export interface Guest {
  readonly kind: 'guest';
  readonly challenge?: Challenge | undefined;
}

/** Who uses the session: a guest, or a user. */
export type State = Guest | Identity;

/** The sender of a request. */
export interface Requester {
  readonly id: number;
  readonly peer: Peer;
  readonly state: State;
  /** Whether it has ended. Then no answer reaches it. */
  readonly gone: boolean;
  /** Names it in the log. */
  readonly logFields: object;
}

/**
 * The requester's membership in the room of that name. Undefined where it is not in the room, or there is no such
 * room.
 */
export function memberOf({ state }: Requester, room: string): Member | undefined {
  if (state.kind === 'guest') return undefined;
  // Most names are their own keys.
  return state.members.get(room) ?? state.members.get(nameKey(room));
}

/** Makes the refusal for a requester that is not in the room that it names (10), even if there is no such room. */
export function notInRoom(): Refusal {
  return refusal('not_in_room', say('not_joined'));
}

/** Who pays for what the requester asks of the store. */
export function payerOf({ state, peer }: Requester): Payer {
  const payerUser = state.kind === 'guest' ? '' : state.user.key;
  return { payerClass: state.kind, payerAddress: peer.limitKey, payerUser };
}
