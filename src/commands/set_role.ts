// set_role: gives a user a role in a room, and tells its members.
import { roleIn, whyNotGive } from '../chat/permissions.js';
import type { Role } from '../store/directory.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/** Tells the others once the role is stored. A role that the user has already is answered 1, and told to nobody. */
export const setRole: Command<'set_role'> = async (session, request, services, member, target) => {
  const { role } = request.parameters;
  const { room, user } = member;
  let before: Role = role;
  const refused = await changeRoom({ session, request, services, member, target }, (record) => {
    before = roleIn(record, target.id);
    const why = whyNotGive(record, user.id, target.id, role);
    return why === undefined ? { role: { user: target.id, role } } : refusal('not_permitted', why);
  });
  if (refused !== undefined) return refused;
  if (before !== role) {
    const members = { room: room.name, username: target.name, role, by: user.name };
    room.tell(new EventLine('role_changed', members), member);
  }
  return { results: {} };
};
