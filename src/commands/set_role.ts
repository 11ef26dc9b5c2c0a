// set_role: gives a user a role in a room, and tells its members.
import { isLower, roleIn } from '../chat/permissions.js';
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import { ownersOf } from '../store/roles.js';
import { encodeEvent } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/** Tells the others once the role is stored. A role that the user has already is answered 1, and told to nobody. */
export const setRole: Command<'set_role'> = async (session, request, services, member, target) => {
  const { role } = request.parameters;
  const { room, user } = member;
  let before: Role = role;
  const refused = await changeRoom(
    session,
    request,
    services,
    member,
    (record) => {
      before = roleIn(record, target.id);
      return problemOf(record, user.id, target.id, role) ?? { role: { user: target.id, role } };
    },
    target,
  );
  if (refused !== undefined) return refused;
  if (before !== role) {
    const members = { room: room.name, username: target.name, role, by: user.name };
    room.tell(encodeEvent('role_changed', members), member);
  }
  return { results: {} };
};

/** Refuses a role that the user may not give, though the target is within its reach. */
function problemOf(record: RoomRecord, user: UserId, target: UserId, role: Role): Refusal | undefined {
  const [own, others] = [roleIn(record, user), roleIn(record, target)];
  if (role === others) return undefined;
  if (target === user && !isLower(role, own)) return refusal('not_permitted', 'you can only lower your own role');
  if (own !== 'owner' && !isLower(role, own))
    return refusal('not_permitted', 'only an owner of the room can give the roles of owners and moderators');
  const isLastOwner = others === 'owner' && ownersOf(record).length === 1;
  return isLastOwner
    ? refusal('not_permitted', 'the last owner of a room stays one: make another owner first')
    : undefined;
}
