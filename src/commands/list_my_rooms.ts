// list_my_rooms: lists the rooms that the session's user has joined, whatever became of the connections.
import { countUnread, UnreadCharge } from './unread.js';
import { defaultLimit, readList } from '../session/list-page.js';
import type { Session } from '../session/session.js';
import type { JoinedRoom } from '../store/membership.js';
import { limits } from '../wire/generated/limits.js';
import type { Command, Services } from './services.js';

/**
 * Lists the rooms after the name `after`, in the order of their folded names. Messages are counted for as many rooms as
 * a line has room for.
 */
export const listMyRooms: Command<'list_my_rooms'> = async (session, { parameters }, services) => {
  const { reads, memberships } = services;
  const { after, limit = defaultLimit } = parameters;
  const { user } = session.identity;
  const found = await readList(after, limit, async (from, most) => {
    if (session.gone) return { items: [], next: undefined };
    const items = await reads.run(session, () => memberships.listRooms(user.id, from, most));
    return { items, next: items.length === most ? items.at(-1)?.key : undefined };
  });
  const charge = new UnreadCharge(session, services.gates);
  const rooms: Awaited<ReturnType<typeof describe>>[] = [];
  let bytes = 0;
  for (const room of found.slice(0, limit)) {
    if (bytes > limits.server_line_bytes || session.gone) break;
    const described = await describe(room, session, services, charge);
    bytes += Buffer.byteLength(JSON.stringify(described)) + 1;
    rooms.push(described);
  }
  return { results: {}, list: { name: 'rooms', items: rooms, more: found.length > rooms.length } };
};

async function describe(
  { room, name, key, role, read, erased }: JoinedRoom,
  session: Session,
  { store, reads, presence, rooms }: Services,
  charge: UnreadCharge,
) {
  // A room that somebody is in has its head here.
  const last = rooms.ofLog(room)?.log.head ?? (await reads.run(session, () => store.log.head(room)));
  await charge.take(0);
  const unread = await countUnread(session, { room, read, erased, last }, { store, reads }, charge);
  return { name, count: presence.countIn(key), last, read, unread, role };
}
