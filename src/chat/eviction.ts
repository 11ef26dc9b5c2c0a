// The one way to evict: from the server by session, user or address, or from a room. An eviction takes effect at once,
// in every state: in a handshake, in a login, in a join, with messages on their way (Session.end, Rooms.leave), and
// while a session that has ended still reads its last lines. Presence finds whom it reaches.
import { encodeEvent } from '../wire/encode.js';
import type { Evictable, Eviction } from './evictable.js';
import type { Presence } from './presence.js';
import type { Member, Room } from './room.js';
import type { Rooms } from './rooms.js';

export type { Evictable, Eviction } from './evictable.js';

/** Why somebody is evicted from a room (event 106), and by whom. */
export interface RoomEviction extends Eviction {
  readonly by: string;
}

/** Evicts sessions, users, addresses and members of rooms. */
export class Evictions {
  readonly #presence: Presence;
  readonly #rooms: Pick<Rooms, 'leave'>;

  constructor(presence: Presence, rooms: Pick<Rooms, 'leave'>) {
    this.#presence = presence;
    this.#rooms = rooms;
  }

  /** Ends all sessions of the user with that key, and stops its logins. Answers how many sessions it ended. */
  user(key: string, eviction: Eviction): number {
    const { sessions, logins } = this.#presence.of(key);
    for (const login of logins) login.evict(eviction);
    return evictAll(sessions, eviction);
  }

  /**
   * Ends all connections from the addresses that `includes` accepts, whatever their state. Answers how many it ended.
   */
  addresses(includes: (address: string) => boolean, eviction: Eviction): number {
    return evictAll(
      [...this.#presence.connections()].filter(({ address }) => includes(address)),
      eviction,
    );
  }

  /** Ends the session of that number. False where there is none, or it has ended already. */
  session(id: number, eviction: Eviction): boolean {
    return this.#presence.session(id)?.evict(eviction) ?? false;
  }

  /**
   * Evicts the members that `which` accepts from the room, including those whose join still replays. Answers how many
   * of them were in the room.
   */
  room(room: Room, which: (member: Member) => boolean, { by, reason, because }: RoomEviction): number {
    const line = encodeEvent('removed', { room: room.name, by, reason });
    // Both lists first: a member that leaves changes the sets.
    const [members, entering] = [[...room.members].filter(which), [...room.entering].filter(which)];
    for (const member of entering) this.#rooms.leave(member, because);
    return members.filter((member) => this.#rooms.leave(member, because, line)).length;
  }
}

/** @param all a copy, because an eviction changes what presence has */
function evictAll(all: readonly Evictable[], eviction: Eviction): number {
  return all.filter((each) => each.evict(eviction)).length;
}
