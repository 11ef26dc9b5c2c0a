// list_chatrooms: all rooms, whether somebody is in them or not.
import { defaultLimit, listPage } from '../session/list-page.js';
import { nameKey } from '../text/names.js';
import type { Command } from './services.js';

/** Lists the rooms whose name contains `match`, in the order of their folded names, those after the name `after`. */
export const listChatrooms: Command<'list_chatrooms'> = async (_session, { parameters }, { store, presence }) => {
  const { match = '', after = '', limit = defaultLimit } = parameters;
  const found = await store.directory.listRooms(nameKey(match), nameKey(after), limit + 1);
  return listPage('rooms', found, limit, ({ name, key, topic }) => ({ name, count: presence.countIn(key), topic }));
};
