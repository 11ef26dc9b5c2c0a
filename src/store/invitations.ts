// Invitations to register, and what the store promises about them. It has a hash of each, never its secret.
import type { Payer } from '../turns/payer.js';
import type { NewUser, UserId } from './directory.js';

/** A stored invitation to register. */
export interface Invitation {
  /** Names it, and says nothing about its secret. */
  readonly id: string;
  /** How many users it is for, and how many were made with it. */
  readonly uses: number;
  readonly used: number;
  /** Milliseconds since 1970. `until` is undefined where it does not end by itself. */
  readonly created: number;
  readonly until: number | undefined;
}

/** An invitation to be stored. */
export interface NewInvitation extends Omit<Invitation, 'used'> {
  readonly hash: Uint8Array;
}

/**
 * The outcome of a registration. `taken` as in `Directory.createUser`; `uninvited`: the invitation is worth nothing.
 */
export type Registration = UserId | 'taken' | 'uninvited';

/** Whether an invitation is worth something at that time, in milliseconds since 1970. */
export function isWorth({ uses, used, until }: Pick<Invitation, 'uses' | 'used' | 'until'>, now: number): boolean {
  return used < uses && (until === undefined || now < until);
}

/** The invitations to register. Promises reject as those of the directory do. */
export interface InvitationStore {
  /** Stores an invitation. */
  add(invitation: NewInvitation): Promise<void>;
  /** Removes an invitation. False where there is none with that id. */
  remove(id: string): Promise<boolean>;
  /** Lists at most `limit` invitations whose id comes after `after`, in the order of the ids. */
  list(after: string, limit: number): Promise<readonly Invitation[]>;
  /** Finds an invitation by the hash of its secret. */
  find(hash: Uint8Array): Promise<Invitation | undefined>;
  /** Creates a user and counts a use of the invitation, both or neither. */
  register(user: NewUser, hash: Uint8Array, payer?: Payer): Promise<Registration>;
}
