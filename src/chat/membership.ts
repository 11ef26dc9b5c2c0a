// Membership in rooms, as commands see it. It outlives connections, and ends with leaving, a kick or a ban. Members of
// a room (member.ts) are the sessions that are in it; whoever belongs to it may be away.
import type { RoomId, UserId } from '../store/directory.js';
import type { JoinedRoom, Membership, MembershipOutcome, MembershipStore } from '../store/membership.js';
import { Slices } from '../loop/slices.js';
import { TurnEnd } from '../loop/turn-end.js';
import { atOnce, type TakeTurn } from '../store/store.js';
import type { Payer } from '../turns/payer.js';
import type { ChatUser } from './presence.js';

/** A user, as memberships name it. */
type User = Pick<ChatUser, 'id' | 'key'>;

/** Says who belongs to which room, and changes it. Promises reject as the store's do. */
export class Memberships {
  readonly #store: MembershipStore;
  /** The memberships that are being ended: whoever asks meanwhile waits, so that an ended one lets nobody in. */
  readonly #ending = new Map<string, Promise<unknown>>();
  /** Those whose change is on disk: a commit has those of hundreds, who then enter their rooms, or leave them. */
  readonly #slices: Slices;

  /** @param turnEnd does what concerns thousands, in parts */
  constructor(store: MembershipStore, turnEnd = new TurnEnd()) {
    this.#store = store;
    this.#slices = new Slices(turnEnd);
  }

  /** The user's membership in the room, or its open invitation. It takes no turn: thousands share a statement. */
  async of(room: RoomId, user: User): Promise<Membership | undefined> {
    await this.#ending.get(nameOf(room, user));
    return this.#store.find(room, user.key);
  }

  /** Whether the user is a member of the room: it has joined or was invited, and has not left or been removed since. */
  async isMember(room: RoomId, user: User): Promise<boolean> {
    return (await this.of(room, user)) !== undefined;
  }

  /** How many rooms the user has joined. */
  countJoined({ id }: User, inTurn: TakeTurn = atOnce): Promise<number> {
    return inTurn(() => this.#store.countJoined(id));
  }

  /**
   * Makes the user a member who has joined. `full` where it has joined `most` rooms. The caller reads first, because
   * a join that was made before must write nothing.
   * @param password the version of the room's password that the user gave
   * @param isKnown whether the caller has read a membership or an invitation: `none` where that has ended meanwhile
   */
  join(
    room: RoomId,
    { id, key }: User,
    password: number,
    most = Infinity,
    payer?: Payer,
    isKnown = false,
  ): Promise<MembershipOutcome> {
    return this.#inSlices(this.#store.change({ room, user: id, key, kind: 'join', most, password, isKnown }, payer));
  }

  /**
   * Makes the user a member who is invited. Where it has `most` open invitations, one of them gives way. `full` where
   * it has too many of the one who invites it.
   * @param by who invites it
   * @param password the version of the room's password, which the user is not asked for
   */
  invite(
    room: RoomId,
    { id, key }: User,
    by: UserId,
    password: number,
    most = Infinity,
    payer?: Payer,
  ): Promise<MembershipOutcome> {
    return this.#store.change({ room, user: id, key, kind: 'invite', most, password, by }, payer);
  }

  /** Ends the open invitations that one user has of another one. */
  endInvitations({ id }: User, by: UserId, payer: Payer): Promise<void> {
    return this.#store.endInvitations(id, by, payer);
  }

  /**
   * Ends the user's membership, or its invitation: for leaving, kicks and bans. False where there was none. The user's
   * sessions in the room are the caller's concern: it evicts them in the step in which this has fulfilled.
   */
  async end(room: RoomId, user: User, payer?: Payer): Promise<boolean> {
    const name = nameOf(room, user);
    const ended = this.#store.change({ room, user: user.id, key: user.key, kind: 'end' }, payer);
    const settled = ended.catch(() => undefined);
    this.#ending.set(name, settled);
    void settled.then(() => {
      if (this.#ending.get(name) === settled) this.#ending.delete(name);
    });
    return (await this.#inSlices(ended)) === 'changed';
  }

  /** Settles as `outcome` does, but not for all at once whose changes one commit has. */
  async #inSlices<Outcome>(outcome: Promise<Outcome>): Promise<Outcome> {
    try {
      return await outcome;
    } finally {
      await this.#slices.pass();
    }
  }

  /** Finds who inherits a room that has no moderator, as `MembershipStore.oldest` does. */
  async oldest(room: RoomId, except: UserId, inTurn: TakeTurn = atOnce): Promise<UserId | undefined> {
    return (await inTurn(() => this.#store.oldest(room, except)))?.user;
  }

  /** Lists the members of a room, as `MembershipStore.listMembers` does. */
  listMembers(room: RoomId, after: string, limit: number): Promise<readonly Membership[]> {
    return this.#store.listMembers(room, after, limit);
  }

  /** Lists the rooms that a user has joined, as `MembershipStore.listRooms` does. */
  listRooms(user: UserId, after: string, limit: number): Promise<readonly JoinedRoom[]> {
    return this.#store.listRooms(user, after, limit);
  }

  /** Marks what the user has read in a room that it has joined. `none` where it has not joined it. */
  markRead(room: RoomId, { id: user, key }: User, id: number, payer: Payer): Promise<MembershipOutcome> {
    return this.#store.change({ room, user, key, kind: 'read', id }, payer);
  }
}

function nameOf(room: RoomId, { id }: User): string {
  return `${room} ${id}`;
}
