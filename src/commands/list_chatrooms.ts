// list_chatrooms: lists all rooms, even those that nobody is in.
import { defaultLimit, listPage, readList } from '../session/list-page.js';
import { nameKey } from '../text/names.js';
import type { Command } from './services.js';

/**
 * Lists the rooms after the name `after` whose name contains `match`, in the order of their folded names; hidden ones
 * only to their members. It reads them in parts, each at the session's turn.
 */
export const listChatrooms: Command<'list_chatrooms'> = async (session, { parameters }, services) => {
  const { store, reads, presence } = services;
  const { match = '', after, limit = defaultLimit } = parameters;
  const matchKey = nameKey(match);
  const { id: viewer } = session.identity.user;
  const found = await readList(after, limit, async (from, most) => {
    if (session.gone) return { items: [], next: undefined };
    const { rooms, next } = await reads.run(session, () => store.directory.listRooms(matchKey, from, most, viewer));
    return { items: rooms, next };
  });
  return listPage('rooms', found, limit, ({ name, key, topic }) => ({ name, count: presence.countIn(key), topic }));
};
