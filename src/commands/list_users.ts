import { compareKeys, nameKey } from '../text/names.js';
import { defaultLimit } from './past.js';
import { memberOf, notInRoom } from './membership.js';
import type { Command } from './services.js';

export const listUsers: Command<'list_users'> = (session, { parameters }) => {
  const room = memberOf(session, parameters.room)?.room;
  if (room === undefined) return notInRoom();
  const { after, limit = defaultLimit } = parameters;
  const afterKey = after === undefined ? '' : nameKey(after);
  const users = [...room.users()]
    .filter(({ key }) => compareKeys(key, afterKey) > 0)
    .sort((a, b) => compareKeys(a.key, b.key));
  return {
    results: {},
    list: {
      name: 'users',
      items: users.slice(0, limit).map(({ id, name }) => ({ username: name, role: room.roleOf(id) })),
      more: users.length > limit,
    },
  };
};
