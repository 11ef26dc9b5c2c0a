// list_members: lists those who belong to a room, whatever became of their connections.
import { defaultLimit, listPage, readList } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import { isOver } from './past.js';
import type { Command } from './services.js';

/** Lists the members after the name `after`, in the order of their folded names. */
export const listMembers: Command<'list_members'> = async (session, { parameters }, services, member) => {
  const { store, reads, memberships, presence } = services;
  const { room } = member;
  const { after, limit = defaultLimit } = parameters;
  const found = await readList(after, limit, async (from, most) => {
    if (session.gone) return { items: [], next: undefined };
    return reads.run(session, async () => {
      const members = await memberships.listMembers(room.record.id, from, most);
      const names = await store.directory.namesOf(members.map(({ user }) => user));
      const items = members.map((each) => ({ ...each, name: names.get(each.user) ?? each.key }));
      return { items, next: members.length === most ? members.at(-1)?.key : undefined };
    });
  });
  if (isOver(session, member)) return notInRoom();
  room.tellNewsTo(member);
  return listPage('users', found, limit, ({ user, name, isInvited }) => ({
    username: name,
    role: room.roleOf(user),
    present: presence.sessionsIn(room.key, user) > 0,
    invited: isInvited,
  }));
};
