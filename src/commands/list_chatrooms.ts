import { nameKey } from '../text/names.js';
import { defaultLimit } from './past.js';
import type { Command } from './services.js';

export const listChatrooms: Command<'list_chatrooms'> = async (_session, { parameters }, { store, rooms }) => {
  const { match = '', after = '', limit = defaultLimit } = parameters;
  const found = await store.directory.listRooms(nameKey(match), nameKey(after), limit + 1);
  return {
    results: {},
    list: {
      name: 'rooms',
      items: found.slice(0, limit).map(({ name, key, topic }) => ({ name, count: rooms.get(key)?.count ?? 0, topic })),
      more: found.length > limit,
    },
  };
};
