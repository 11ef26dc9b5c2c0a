// Membership in rooms, as commands see it. It outlives connections, and ends with leaving, a kick or a ban. Members of
// a room (room.ts) are the sessions that are in it; whoever belongs to it may be away.
import type { RoomId, UserId } from '../store/directory.js';
import type { ChatUser } from './presence.js';

/** A user, as memberships name it. */
type User = Pick<ChatUser, 'id' | 'key'>;

/** A user's membership in a room. */
export interface Membership {
  readonly user: UserId;
  /** The version of the room's password that the user gave (`RoomSettings.passwordVersion`). */
  readonly password: number;
}

/** Says who belongs to which room, and changes it. It is known since the process began. */
export class Memberships {
  readonly #rooms = new Map<RoomId, Map<UserId, Membership>>();

  /** The user's membership in the room. */
  async of(room: RoomId, { id }: User): Promise<Membership | undefined> {
    return this.#rooms.get(room)?.get(id);
  }

  /** Whether the user is a member of the room. */
  async isMember(room: RoomId, user: User): Promise<boolean> {
    return (await this.of(room, user)) !== undefined;
  }

  /** Those of these rooms that the user is a member of. */
  async among(user: UserId, rooms: readonly RoomId[]): Promise<ReadonlySet<RoomId>> {
    return new Set(rooms.filter((room) => this.#rooms.get(room)?.has(user)));
  }

  /** Makes the user a member who has joined. @param password as in `Membership` */
  async join(room: RoomId, { id }: User, password: number): Promise<void> {
    const members = this.#rooms.get(room) ?? new Map<UserId, Membership>();
    this.#rooms.set(room, members);
    members.set(id, { user: id, password });
  }

  /** Ends the user's membership. False where there was none. */
  async end(room: RoomId, { id }: User): Promise<boolean> {
    const members = this.#rooms.get(room);
    const isEnded = members?.delete(id) ?? false;
    if (members?.size === 0) this.#rooms.delete(room);
    return isEnded;
  }

  /** Ends all memberships in a room. */
  async endInRoom(room: RoomId): Promise<void> {
    this.#rooms.delete(room);
  }

  /** Who is a member of the room for longest, `except` aside. */
  async oldest(room: RoomId, except: UserId): Promise<UserId | undefined> {
    return [...(this.#rooms.get(room)?.keys() ?? [])].find((user) => user !== except);
  }
}
