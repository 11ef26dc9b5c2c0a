// Applies changes of memberships to what is stored. Pure: the adapters read before and write after.
import type { UserId } from './directory.js';
import {
  mostInvitationsOfOne,
  type Membership,
  type MembershipChange,
  type MembershipName,
  type MembershipOutcome,
} from './membership.js';

/** How many rooms a user has joined, and how many invitations it has not answered. */
export interface MembershipCounts {
  joined: number;
  invited: number;
  /** How many of the invitations are of each of those who invite it in the batch. */
  readonly of: Map<UserId, number>;
  /** Invitations that may give way, the first one first. */
  readonly yielding: Membership[];
}

type Invite = Extract<MembershipChange, { readonly kind: 'invite' }>;

/** Names a membership within a batch. */
export function membershipId({ room, key }: Pick<MembershipName, 'room' | 'key'>): string {
  return `${room} ${key}`;
}

/** The changes of one commit, in the order in which they were asked for. */
export class MembershipBatch {
  /** The changed memberships by `membershipId`; undefined for one that is to be removed. */
  readonly written = new Map<string, Membership | undefined>();
  readonly #stored: ReadonlyMap<string, Membership>;
  readonly #counts: ReadonlyMap<UserId, MembershipCounts>;
  readonly #now: number;

  /**
   * @param stored the memberships that the changes name and that are there
   * @param counts of all users who may get a new one
   * @param now milliseconds since 1970
   */
  constructor(stored: Iterable<Membership>, counts: ReadonlyMap<UserId, MembershipCounts>, now: number = Date.now()) {
    this.#stored = new Map(Array.from(stored, (each) => [membershipId(each), each]));
    this.#counts = counts;
    this.#now = now;
  }

  /** Applies a change to what the changes before it have made. */
  apply(change: MembershipChange): MembershipOutcome {
    const id = membershipId(change);
    const found = this.written.has(id) ? this.written.get(id) : this.#stored.get(id);
    const next = this.#changed(found, change);
    if (typeof next === 'string') return next;
    this.written.set(id, next);
    this.#count(change.user, found, -1);
    this.#count(change.user, next, 1);
    return 'changed';
  }

  #changed(
    found: Membership | undefined,
    change: MembershipChange,
  ): Membership | undefined | Exclude<MembershipOutcome, 'changed'> {
    const { room, user, key } = change;
    switch (change.kind) {
      case 'end':
        return found === undefined ? 'none' : undefined;
      case 'read':
        if (found === undefined || found.isInvited) return 'none';
        return found.read === change.id ? 'same' : { ...found, read: change.id };
      case 'join':
      case 'invite': {
        const isInvited = change.kind === 'invite';
        if (found !== undefined && (isInvited || !found.isInvited)) {
          // Whoever joins again has given the room's newest password.
          const isSame = isInvited || found.password === change.password;
          return isSame ? 'same' : { ...found, password: change.password };
        }
        if (change.kind === 'join' && change.isKnown === true && found === undefined) return 'none';
        const counts = this.#counts.get(user);
        if (change.kind === 'join' && (counts?.joined ?? 0) >= change.most) return 'full';
        if (change.kind === 'invite' && !this.#makeRoom(change, counts)) return 'full';
        const by = change.kind === 'invite' ? change.by : 0;
        const [since, read] = [found?.since ?? this.#now, found?.read ?? 0];
        return { room, user, key, since, isInvited, by, password: change.password, read };
      }
    }
  }

  /** Has the oldest invitation give way where there are too many. False where the new one can't be made. */
  #makeRoom({ user, by, most }: Invite, counts: MembershipCounts | undefined): boolean {
    if (counts === undefined) return most > 0;
    if ((counts.of.get(by) ?? 0) >= mostInvitationsOfOne) return false;
    while (counts.invited >= most) {
      const oldest = counts.yielding.shift();
      if (oldest === undefined) return false;
      const id = membershipId(oldest);
      // A change before has made something else of it.
      if (this.written.has(id)) continue;
      this.written.set(id, undefined);
      this.#count(user, oldest, -1);
    }
    return true;
  }

  #count(user: UserId, membership: Membership | undefined, by: 1 | -1): void {
    const counts = this.#counts.get(user);
    if (counts === undefined || membership === undefined) return;
    counts[membership.isInvited ? 'invited' : 'joined'] += by;
    if (membership.isInvited) counts.of.set(membership.by, (counts.of.get(membership.by) ?? 0) + by);
  }
}
