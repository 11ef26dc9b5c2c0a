// list_chatrooms: lists all rooms, even those that nobody is in.
import { defaultLimit, listPage, readList } from '../session/list-page.js';
import type { Session } from '../session/session.js';
import type { RoomSummary } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import type { Command, Services } from './services.js';

/**
 * Lists the rooms after the name `after` whose name contains `match`, in the order of their folded names; hidden ones
 * only to their members. It reads them in parts, each at the session's turn.
 */
export const listChatrooms: Command<'list_chatrooms'> = async (session, { parameters }, services) => {
  const { store, reads, presence } = services;
  const { match = '', after, limit = defaultLimit } = parameters;
  const matchKey = nameKey(match);
  const found = await readList(after, limit, async (from, most) => {
    if (session.gone) return { items: [], next: undefined };
    const { rooms, next } = await reads.run(session, () => store.directory.listRooms(matchKey, from, most));
    return { items: await listed(rooms, session, services), next };
  });
  return listPage('rooms', found, limit, ({ name, key, topic }) => ({ name, count: presence.countIn(key), topic }));
};

/** Leaves out the hidden rooms of which the session's user is no member. */
async function listed(
  rooms: readonly RoomSummary[],
  session: Session,
  { memberships, presence }: Pick<Services, 'memberships' | 'presence'>,
): Promise<readonly RoomSummary[]> {
  const hidden = rooms.filter((room) => room.hidden).map(({ id }) => id);
  if (hidden.length === 0) return rooms;
  const { id: user } = session.identity.user;
  const own = await memberships.among(user, hidden);
  return rooms.filter((room) => !room.hidden || own.has(room.id) || presence.isIn(room.key, user));
}
