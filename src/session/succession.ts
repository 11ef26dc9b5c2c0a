// Gives the rooms of a deleted user new owners: ownership never dangles (PROTOCOL.md §2.5). Ends its bans.
import type { Memberships } from '../chat/membership.js';
import type { Rooms } from '../chat/rooms.js';
import type { Directory, RoomRecord, UserId } from '../store/directory.js';
import { ownersOf } from '../store/roles.js';
import type { TakeTurn } from '../store/store.js';
import { EventLine } from '../wire/encode-event.js';

/** How many rooms are read at a time. */
const roomsAtOnce = 100;

/** Who gave a role that nobody gave, in event 108. No user can have this name. */
const byServer = 'the server';

/** What is needed to hand rooms over. */
export interface SuccessionServices {
  readonly store: {
    readonly directory: Pick<Directory, 'roomsNaming' | 'findRoom' | 'changeRoom' | 'namesOf'>;
  };
  readonly rooms: Pick<Rooms, 'ofLog'>;
  readonly memberships: Pick<Memberships, 'oldest'>;
  /** Reads at the turn of whoever deletes the user. */
  readonly inTurn: TakeTurn;
}

/**
 * Takes all roles of a user who is deleted, and ends the bans from rooms that it was under. Where it was a room's last
 * owner, the moderator of longest standing becomes the owner, else the oldest member, else the operator decides. To be
 * called once the user is stored as deleted: a process that ends before it is done leaves the rest to the next one
 * (`Directory.unfinished`).
 */
export async function handRoomsOver(user: UserId, services: SuccessionServices): Promise<void> {
  const { store, inTurn } = services;
  for (let after = -1; ; ) {
    const rooms = await inTurn(() => store.directory.roomsNaming(user, after, roomsAtOnce));
    for (const { key } of rooms) await handOver(user, key, services);
    const last = rooms.at(-1);
    if (last === undefined || rooms.length < roomsAtOnce) return;
    after = last.id;
  }
}

async function handOver(user: UserId, key: string, services: SuccessionServices): Promise<void> {
  const { store, memberships, inTurn } = services;
  for (;;) {
    const room = await inTurn(() => store.directory.findRoom(key));
    if (room === undefined || !(room.roles.has(user) || room.bans.has(user))) return;
    const heir = room.roles.has(user) ? await memberships.oldest(room.id, user) : undefined;
    const outcome = await store.directory.changeRoom(room.id, { deleted: { user, heir } }, room.version);
    // The heir was deleted meanwhile.
    if (outcome === 'stale' || outcome === 'nobody') continue;
    if (outcome === 'changed') await tellHeir(room, services);
    return;
  }
}

/** Tells those who are in the room who owns it now, where that is another one than before. */
async function tellHeir(before: RoomRecord, { store, rooms, inTurn }: SuccessionServices): Promise<void> {
  const room = rooms.ofLog(before.id);
  if (room === undefined) return;
  const [heir] = ownersOf(room.record).filter((owner) => before.roles.get(owner) !== 'owner');
  if (heir === undefined) return;
  const name = (await inTurn(() => store.directory.namesOf([heir]))).get(heir);
  if (name !== undefined)
    room.tell(new EventLine('role_changed', { room: room.name, username: name, role: 'owner', by: byServer }));
}
