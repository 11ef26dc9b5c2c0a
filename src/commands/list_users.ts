// list_users: lists the users in a room that the session has joined.
import { defaultLimit, listPage } from '../session/list-page.js';
import { compareKeys, nameKey } from '../text/names.js';
import type { Command } from './services.js';

/** Lists the users after the name `after` and their roles, in the order of their folded names. */
export const listUsers: Command<'list_users'> = (_session, { parameters }, _services, { room }) => {
  const { after, limit = defaultLimit } = parameters;
  const afterKey = after === undefined ? '' : nameKey(after);
  const users = [...room.users()]
    .filter(({ key }) => compareKeys(key, afterKey) > 0)
    .sort((a, b) => compareKeys(a.key, b.key));
  return listPage('users', users, limit, ({ id, name }) => ({ username: name, role: room.roleOf(id) }));
};
