// list_users: lists the users in a room that the session has joined.
import { defaultLimit, listPage } from '../session/list-page.js';
import type { Edition } from '../session/answer.js';
import type { Role } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import type { Command } from './services.js';

/** Lists the users after the name `after` and their roles, in the order of their folded names. */
export const listUsers: Command<'list_users'> = (session, { parameters }, _services, member) => {
  const { room } = member;
  const { after, limit = defaultLimit } = parameters;
  room.tellNewsTo(member);
  const users = room.usersAfter(after === undefined ? '' : nameKey(after), limit + 1);
  return listPage('users', users, limit, ({ id, name }) => ({
    username: name,
    role: shownRole(room.roleOf(id), session.edition),
  }));
};

/** The first edition knows owners and members. */
function shownRole(role: Role, edition: Edition): Role {
  return edition === 2 || role === 'owner' ? role : 'member';
}
