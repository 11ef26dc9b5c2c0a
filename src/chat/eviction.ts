// The one way to put somebody out: out of the server by session, user or address, or out of a room. Everything that
// can be put out is registered here, from the moment when its connection is accepted until it is gone. Whoever is put
// out is so at once, whatever it is doing: see Session.end for a session and Rooms.leave for a member. Nothing here
// knows what a connection is.
import { encodeEvent } from '../wire/encode.js';
import type { LeaveReason, Member, Room } from './room.js';
import type { Rooms } from './rooms.js';

/** Why somebody is put out: in the words of the 199, and in those of event 102. */
export interface Eviction {
  readonly reason: string;
  readonly because: Extract<LeaveReason, 'kicked' | 'banned' | 'server'>;
  /** Milliseconds after which coming back makes sense, where it does. */
  readonly retryAfter?: number | undefined;
}

/** Something that can be put out. */
export interface Evictable {
  /** Ends it at once. False where it has ended already. */
  evict(eviction: Eviction): boolean;
}

/** A connection, from the moment when it was accepted. */
export interface Arrival extends Evictable {
  /** Where it comes from. A proxy's address until the header says whose connection it is. */
  readonly address: string;
  /** The number of its session, once it has one. */
  readonly session: number | undefined;
}

/** A login whose password is being checked. */
export interface Login {
  /** Set where the user was put out meanwhile: then the session must not become the user's. */
  readonly evicted: Eviction | undefined;
  /** It is decided. */
  end(): void;
}

/** Why somebody is put out of a room (event 106), and by whom. */
export interface RoomEviction extends Eviction {
  readonly by: string;
}

export class Evictions {
  readonly #rooms: Rooms;
  readonly #arrivals = new Set<Arrival>();
  /** Sessions and logins by the key of their user: putting a user out does not walk through all connections. */
  readonly #sessions = new Map<string, Set<Evictable>>();
  readonly #logins = new Map<string, Set<Evictable>>();
  /** Sessions that have ended, whose clients still read what they were sent: megabytes, it may be. */
  readonly #lingering = new Map<string, Set<Evictable>>();

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  /** A connection was accepted. */
  arrived(arrival: Arrival): void {
    this.#arrivals.add(arrival);
  }

  /** It is gone, or was not let in. */
  left(arrival: Arrival): void {
    this.#arrivals.delete(arrival);
  }

  /** The session is the user's from here on, until `loggedOut`. */
  loggedIn(key: string, session: Evictable): void {
    put(this.#sessions, key, session);
  }

  loggedOut(key: string, session: Evictable): void {
    take(this.#sessions, key, session);
  }

  /** The user's session has ended. Until it is `gone`, putting the user out still cuts short what its client reads. */
  lingers(key: string, session: Evictable): void {
    put(this.#lingering, key, session);
  }

  gone(key: string, session: Evictable): void {
    take(this.#lingering, key, session);
  }

  /** How many sessions are the user's. */
  sessionsOf(key: string): number {
    return this.#sessions.get(key)?.size ?? 0;
  }

  /** A login begins that may end as the user of that key: until its `end`, putting the user out reaches it too. */
  loggingIn(key: string): Login {
    const login = {
      evicted: undefined as Eviction | undefined,
      evict(eviction: Eviction): boolean {
        login.evicted ??= eviction;
        return true;
      },
      end: () => take(this.#logins, key, login),
    };
    put(this.#logins, key, login);
    return login;
  }

  /** Ends all sessions of the user of that key. How many. */
  user(key: string, eviction: Eviction): number {
    for (const login of this.#logins.get(key) ?? []) login.evict(eviction);
    evictAll(this.#lingering.get(key) ?? [], eviction);
    return evictAll(this.#sessions.get(key) ?? [], eviction);
  }

  /** Ends all connections from those addresses, whatever their state. How many. */
  addresses(includes: (address: string) => boolean, eviction: Eviction): number {
    return evictAll(
      [...this.#arrivals].filter(({ address }) => includes(address)),
      eviction,
    );
  }

  /** Ends the session of that number. Whether there was one. */
  session(id: number, eviction: Eviction): boolean {
    for (const arrival of this.#arrivals) if (arrival.session === id) return arrival.evict(eviction);
    return false;
  }

  /** Puts all out of the room whom `which` names, those whose join still replays too. How many were in it. */
  room(room: Room, which: (member: Member) => boolean, { by, reason, because }: RoomEviction): number {
    const line = encodeEvent('removed', { room: room.name, by, reason });
    const [here, entering] = [[...room.members].filter(which), [...room.entering].filter(which)];
    for (const member of entering) this.#rooms.leave(member, because);
    return here.filter((member) => this.#rooms.leave(member, because, line)).length;
  }
}

function put(all: Map<string, Set<Evictable>>, key: string, one: Evictable): void {
  const its = all.get(key);
  if (its === undefined) all.set(key, new Set([one]));
  else its.add(one);
}

function take(all: Map<string, Set<Evictable>>, key: string, one: Evictable): void {
  const its = all.get(key);
  if (its?.delete(one) === true && its.size === 0) all.delete(key);
}

/** Those first, then their end: ending one changes what is walked through. */
function evictAll(all: Iterable<Evictable>, eviction: Eviction): number {
  let ended = 0;
  for (const each of [...all]) if (each.evict(eviction)) ended += 1;
  return ended;
}
