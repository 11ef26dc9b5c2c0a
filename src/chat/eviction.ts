// The one way to evict: from the server by session, user or address, or from a room. An eviction takes effect at once,
// in every state: in a handshake, in a login, in a join, with messages on their way (Session.end, Exits.putOut), and
// while a session that has ended still reads its last lines. Thousands are ended in several turns of the event loop.
// Presence finds whom an eviction reaches.
import { EventLine } from '../wire/encode-event.js';
import { verbatim } from '../wire/words.js';
import type { Evictable, Eviction } from './evictable.js';
import type { Exits } from './exits.js';
import type { Presence } from './presence.js';
import type { Member } from './member.js';
import type { Room } from './room.js';
import type { Rooms } from './rooms.js';
import type { DirectoryListener, Removal, RoomRecord } from '../store/directory.js';

export type { Evictable, Eviction } from './evictable.js';

/** Why somebody is evicted from a room (event 106), and by whom. */
export interface RoomEviction extends Eviction {
  readonly by: string;
}

/** Whom the eviction of a user has reached. */
export interface Reached {
  /** How many sessions it ended. */
  readonly sessions: number;
  /** How many rooms had kept the user's place for a grace (grace.ts). It has left them. */
  readonly places: number;
  /** Whether it reached anything: a session, such a place, or a login, which is stopped. */
  readonly isAny: boolean;
}

/** The part of rooms that evictions use. */
export interface EvictingRooms extends Pick<Rooms, 'ofLog' | 'absentAs'> {
  readonly exits: Pick<Exits, 'putOut' | 'putOutAll' | 'together'>;
}

/** Evicts sessions, users, addresses and members of rooms. */
export class Evictions implements Pick<DirectoryListener, 'removed'> {
  readonly #presence: Presence;
  readonly #rooms: EvictingRooms;

  constructor(presence: Presence, rooms: EvictingRooms) {
    this.#presence = presence;
    this.#rooms = rooms;
  }

  /**
   * Ends all sessions of the user with that key but `except`, and stops its logins. Where it is absent it has left.
   * Fulfils with whom it reached.
   */
  async user(key: string, eviction: Eviction, except?: Evictable): Promise<Reached> {
    const { sessions, logins } = this.#presence.of(key);
    for (const login of logins) login.evict(eviction);
    const absent = this.#rooms.absentAs(key);
    const left = this.#endAbsences(absent, eviction);
    const ended = await this.#evictAll(sessions, eviction, (session) => session !== except);
    await left;
    return { sessions: ended, places: absent.length, isAny: ended + absent.length + logins.length > 0 };
  }

  /** Has absent users leave their rooms at once, with those who are put out in the same step. */
  #endAbsences(absent: readonly Member[], { because }: Eviction): Promise<void> {
    return this.#rooms.exits.together(absent, (member) => void this.#rooms.exits.putOut(member, because));
  }

  /**
   * Ends all connections from the addresses that `includes` accepts, whatever their state. Fulfils with how many it
   * ended.
   */
  addresses(includes: (address: string) => boolean, eviction: Eviction): Promise<number> {
    return this.#evictAll([...this.#presence.connections()], eviction, ({ address }) => includes(address));
  }

  /** Ends the session of that number. False where there is none, or it has ended already. */
  session(id: number, eviction: Eviction): boolean {
    return this.#presence.session(id)?.evict(eviction) ?? false;
  }

  /**
   * Evicts the members that `which` accepts from the room, including those whose join still replays, and those who
   * stand for absent users. Fulfils with how many sessions were in the room.
   */
  async room(room: Room, which: (member: Member) => boolean, eviction: RoomEviction): Promise<number> {
    const { by, reason, because } = eviction;
    const line = new EventLine('removed', { room: room.name, by, reason });
    // Both lists first: a member that leaves changes the sets.
    const [members, entering] = [[...room.members].filter(which), [...room.entering].filter(which)];
    const absent = this.#endAbsences(room.absent().filter(which), eviction);
    for (const member of entering) this.#rooms.exits.putOut(member, because);
    const count = await this.#rooms.exits.putOutAll(members, because, line);
    await absent;
    return count;
  }

  /**
   * Evicts the sessions of a user who was put out of a room, whichever process did it. The directory calls this before
   * the change is answered.
   */
  removed({ id }: RoomRecord, { user, by, reason, ban }: Removal): void {
    const room = this.#rooms.ofLog(id);
    const because = ban === undefined ? 'kicked' : 'banned';
    if (room !== undefined)
      void this.room(room, (member) => member.user.id === user, { by, reason: verbatim(reason), because });
  }

  /**
   * Evicts those that `which` accepts, the first ones at once. They leave their rooms when all are evicted.
   * @param all a copy, because an eviction changes what presence has
   */
  async #evictAll<One extends Evictable>(
    all: readonly One[],
    eviction: Eviction,
    which: (one: One) => boolean = () => true,
  ): Promise<number> {
    let ended = 0;
    await this.#rooms.exits.together(all, (each) => {
      if (which(each) && each.evict(eviction)) ended += 1;
    });
    return ended;
  }
}
