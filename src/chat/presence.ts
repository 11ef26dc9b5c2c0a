// Knows who is connected to this process: connections, sessions by number and by user, and users by room. Sessions and
// rooms report to this one object; evictions, lists, counts and metrics ask it. When several processes serve one store,
// the users that another process reports will belong here too.
import { EncodedNames } from './encoded-names.js';
import type { Evictable, Eviction } from './evictable.js';
import { MultiMap } from './multi-map.js';
import type { UserId } from '../store/log.js';
import { RoomUsers, type ChatUser } from './room-users.js';

export type { ChatUser } from './room-users.js';

/** A connection, from the moment when it is accepted until it is gone. */
export interface PresentConnection extends Evictable {
  /** The address of the other end. It is the proxy's until the proxy's header has named the client. */
  readonly address: string;
}

/** A session, from its connection's first byte until the connection is gone. */
export interface PresentSession extends Evictable {
  readonly id: number;
  /** Whether it has ended. Its client may still read the last lines. */
  readonly gone: boolean;
}

/** A login whose password is being checked. */
export interface Login extends Evictable {
  /** Set where the user was evicted meanwhile. Then the session must not become the user's. */
  readonly evicted: Eviction | undefined;
  /** Reports that the login is decided. To be called once, whether it succeeded or failed. */
  end(): void;
}

/** The part of presence that rooms use. */
export type RoomPresence = Pick<
  Presence,
  'enterRoom' | 'leaveRoom' | 'usersAfter' | 'namesIn' | 'countIn' | 'sessionsIn'
>;

/** Everybody who is connected to this process. Users and rooms are named by their keys. */
export class Presence<Session extends PresentSession = PresentSession> {
  readonly #connections = new Set<PresentConnection>();
  readonly #sessions = new Map<number, Session>();
  /**
   * By the user's key. A session that has ended stays until its connection is gone, so that an eviction still reaches
   * it.
   */
  readonly #sessionsOfUsers = new MultiMap<string, Session>();
  readonly #logins = new MultiMap<string, Login>();
  readonly #rooms = new Map<string, RoomUsers>();
  #withUser = 0;

  /** Reports that a connection was accepted. */
  arrived(connection: PresentConnection): void {
    this.#connections.add(connection);
  }

  /** Reports that a connection is gone, or was refused. */
  left(connection: PresentConnection): void {
    this.#connections.delete(connection);
  }

  /** Connections in any state, including those whose TLS handshake or proxy header has not come yet. */
  connections(): Iterable<PresentConnection> {
    return this.#connections;
  }

  /** Reports that a session begins, as a guest's. */
  sessionOpened(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  /**
   * Reports that the session's connection is gone.
   * @param user the key of the user whose session it was when it ended
   */
  sessionClosed(session: Session, user: string | undefined): void {
    this.#sessions.delete(session.id);
    if (user !== undefined) this.#sessionsOfUsers.delete(user, session);
  }

  /** Reports that the session is the user's from here on, until `loggedOut`. */
  loggedIn(user: string, session: Session): void {
    this.#sessionsOfUsers.add(user, session);
    this.#withUser += 1;
  }

  /** Reports that the session has no user any more: it logged out, or it is `gone`. */
  loggedOut(user: string, session: Session): void {
    this.#withUser -= 1;
    if (!session.gone) this.#sessionsOfUsers.delete(user, session);
  }

  /**
   * Reports that a session tries to log in as the user. Until the login's `end`, an eviction of the user reaches it
   * too.
   */
  loggingIn(user: string): Login {
    const login = {
      evicted: undefined as Eviction | undefined,
      evict(eviction: Eviction): boolean {
        login.evicted ??= eviction;
        return true;
      },
      end: () => this.#logins.delete(user, login),
    };
    this.#logins.add(user, login);
    return login;
  }

  /** The sessions that have not ended, in the order of their numbers. */
  *sessions(): Iterable<Session> {
    for (const session of this.#sessions.values()) if (!session.gone) yield session;
  }

  /** The session with that number, ended or not, until its connection is gone. */
  session(id: number): Session | undefined {
    return this.#sessions.get(id);
  }

  /** The sessions of the user that have not ended. */
  sessionsOf(user: string): readonly Session[] {
    return this.#sessionsOfUsers.get(user).filter(({ gone }) => !gone);
  }

  /** How many sessions of the user have not ended. */
  countOf(user: string): number {
    return this.sessionsOf(user).length;
  }

  /** Everything that an eviction of the user has to reach: sessions, including those that have ended, and logins. */
  of(user: string): { readonly sessions: readonly Evictable[]; readonly logins: readonly Evictable[] } {
    return { sessions: this.#sessionsOfUsers.get(user), logins: this.#logins.get(user) };
  }

  /** Reports that a session of the user has entered the room. True where it is the user's first one there. */
  enterRoom(room: string, user: ChatUser): boolean {
    let users = this.#rooms.get(room);
    if (users === undefined) {
      users = new RoomUsers();
      this.#rooms.set(room, users);
    }
    return users.enter(user);
  }

  /** Reports that a session of the user has left the room. True where it was the user's last one there. */
  leaveRoom(room: string, { id }: ChatUser): boolean {
    const users = this.#rooms.get(room);
    const isLast = users?.leave(id) ?? false;
    if (users?.size === 0) this.#rooms.delete(room);
    return isLast;
  }

  /** The users in the room with that key, in the order in which they entered. */
  usersIn(room: string): Iterable<ChatUser> {
    return this.#rooms.get(room)?.inOrder() ?? [];
  }

  /** The first users in the room whose keys come after `key`, `limit` at most, in the order of the keys. */
  usersAfter(room: string, key: string, limit: number): readonly ChatUser[] {
    return this.#rooms.get(room)?.after(key, limit) ?? [];
  }

  /** The names of the users in the room, in the order in which they entered, as they are now. */
  namesIn(room: string): EncodedNames {
    return this.#rooms.get(room)?.names() ?? new EncodedNames([]);
  }

  /** How many users are in the room with that key. */
  countIn(room: string): number {
    return this.#rooms.get(room)?.size ?? 0;
  }

  /** How many sessions of the user are in the room with that key. */
  sessionsIn(room: string, user: UserId): number {
    return this.#rooms.get(room)?.sessionsOf(user) ?? 0;
  }

  /** Counts open sessions, open sessions with a user, and rooms with somebody in them. */
  counts(): { readonly sessions: number; readonly users: number; readonly rooms: number } {
    return { sessions: this.#sessions.size, users: this.#withUser, rooms: this.#rooms.size };
  }
}
