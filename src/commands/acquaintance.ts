// Decides who may see a user's names and presence: the user, and whoever shares a room or a conversation with it.
import type { ChatUser } from '../chat/presence.js';
import type { Services } from './services.js';

/** One way in which two users may know each other. */
type Acquaintance = (
  one: ChatUser,
  other: ChatUser,
  services: Pick<Services, 'presence' | 'store'>,
) => boolean | Promise<boolean>;

/** The most rooms of a user that are looked at. */
const mostRooms = 1000;

/** The ways, the cheapest first. */
const ways: readonly Acquaintance[] = [
  (one, other) => one.id === other.id,
  // In a room at this moment, by whatever sessions.
  (one, other, { presence }) => {
    const rooms = new Set(roomsOf(one, presence));
    return roomsOf(other, presence).some((room) => rooms.has(room));
  },
  async (one, other, { store }) => (await store.conversations.find(one.id, other.id)) !== undefined,
  // Members of a room, wherever they are.
  async (one, other, { store: { memberships } }) => {
    const rooms = await memberships.listRooms(one.id, '', mostRooms);
    const ids = rooms.map(({ room }) => room);
    return (await memberships.among(other.id, ids)).size > 0;
  },
];

/** Whether the two users know each other. Reads of the store are part of the caller's turn. */
export async function areAcquainted(...asked: Parameters<Acquaintance>): Promise<boolean> {
  for (const way of ways) if (await way(...asked)) return true;
  return false;
}

/** The keys of the rooms that the user's sessions are in. */
function roomsOf({ key }: ChatUser, presence: Services['presence']): readonly string[] {
  return presence.sessionsOf(key).flatMap(({ state }) => (state.kind === 'user' ? [...state.members.keys()] : []));
}
