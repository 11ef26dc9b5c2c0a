// list_chatrooms: lists all rooms, even those that nobody is in.
import { defaultLimit, listPage } from '../session/list-page.js';
import { nameKey } from '../text/names.js';
import type { Command } from './services.js';

/** Lists the rooms after the name `after` whose name contains `match`, in the order of their folded names. */
export const listChatrooms: Command<'list_chatrooms'> = async (_session, { parameters }, { store, presence }) => {
  const { match = '', after = '', limit = defaultLimit } = parameters;
  const found = await store.directory.listRooms(nameKey(match), nameKey(after), limit + 1);
  return listPage('rooms', found, limit, ({ name, key, topic }) => ({ name, count: presence.countIn(key), topic }));
};
