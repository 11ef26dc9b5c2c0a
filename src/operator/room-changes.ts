// Operators' commands that change what a room is and who may be in it. They ask the same rules as clients' commands
// (chat/permissions.ts), as somebody who ranks above all owners.
import { operatorAddress } from '../accounts/hash-queue.js';
import { isBanned, isLower, operator, roleIn, whyNotBan, whyNotGive, whyNotRemove } from '../chat/permissions.js';
import { emptyDeletedRoom } from '../session/delete-room.js';
import { defaultLimit, listPage } from '../session/list-page.js';
import { isRemovable } from '../session/removable.js';
import { bansOf, byOperator, shownBan } from '../session/room-bans.js';
import { givenSettings, settingsChange, shownSettings } from '../session/room-settings.js';
import type { RoomChange, RoomRecord, UserRecord } from '../store/directory.js';
import { encodeTime } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { findAccount, inEnglish, noSuchUser } from './accounts.js';
import { changeRoom, findRoom, noSuchRoom, tellRole } from './change-room.js';
import type { OperatorCommand, OperatorServices } from './services.js';

/** As `changeRoom`, about a user. Refuses (11) where there is no such user. */
async function changeAbout(
  { room, user: name }: { readonly room: string; readonly user: string },
  services: OperatorServices,
  changeOf: (record: RoomRecord, user: UserRecord) => RoomChange | Refusal,
): Promise<{ readonly room: RoomRecord; readonly user: UserRecord } | Refusal> {
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  const changed = await changeRoom(room, services, (record) => changeOf(record, user));
  return 'code' in changed ? changed : { room: changed, user };
}

/** Changes settings of a room, and shows all of them. */
export const setRoom: OperatorCommand<'set_room'> = async (_operator, { parameters }, services) => {
  const { room, without_password: withoutPassword, ...named } = parameters;
  const given = { ...givenSettings(named), ...(withoutPassword === true ? { password: '' } : {}) };
  const isAsking = Object.keys(given).length === 0;
  let changed: RoomRecord | Refusal | undefined = isAsking
    ? await findRoom(services, room)
    : await changeRoom(room, services, (record) => settingsChange(record, given));
  if (changed !== undefined && 'code' in changed) return changed;
  if (!isAsking) changed = await findRoom(services, room);
  if (changed === undefined || changed.state === 'deleted') return noSuchRoom();
  return { results: { room: changed.name, ...shownSettings(changed.settings) } };
};

/** Sets the password of a room. */
export const setRoomPassword: OperatorCommand<'set_room_password'> = async (_operator, { parameters }, services) => {
  const { room, password } = parameters;
  const hash = await services.roomPasswords.hash(password, { address: operatorAddress, account: '' });
  const changed = await changeRoom(room, services, (record) => settingsChange(record, { password: hash }));
  return 'code' in changed ? changed : { results: { room: changed.name } };
};

/** Gives a user a role in a room. */
export const setRoomRole: OperatorCommand<'set_room_role'> = async (_operator, { parameters }, services) => {
  const { role } = parameters;
  const changed = await changeAbout(parameters, services, (record, { id }) => {
    const why = whyNotGive(record, operator, id, role);
    return why === undefined ? { role: { user: id, role } } : refusal('not_permitted', why);
  });
  if ('code' in changed) return changed;
  const { room, user } = changed;
  if (roleIn(room, user.id) !== role) tellRole(room, user.name, role, services);
  return { results: { room: room.name, username: user.name, role } };
};

/** Puts a user out of a room. Refuses (11) where it is neither in the room nor a member of it. */
export const kickFromRoom: OperatorCommand<'kick_from_room'> = async (_operator, { parameters }, services) => {
  const { reason = '' } = parameters;
  const [found, target] = [await findRoom(services, parameters.room), await findAccount(services, parameters.user)];
  if (found === undefined || found.state === 'deleted') return noSuchRoom();
  if (target === undefined) return noSuchUser();
  if (!(await isRemovable(found.id, target, services.rooms, services.memberships)))
    return refusal('not_found', say('not_in_or_of_room'));
  const changed = await changeAbout(parameters, services, (record, { id: user }) => {
    const why = whyNotRemove(record, user);
    return why === undefined ? { removal: { user, by: byOperator, reason } } : refusal('not_permitted', why);
  });
  if ('code' in changed) return changed;
  const { room, user } = changed;
  return { results: { room: room.name, username: user.name } };
};

/** Bans a user from a room. */
export const banFromRoom: OperatorCommand<'ban_from_room'> = async (_operator, { parameters }, services) => {
  const { duration, reason = '' } = parameters;
  const created = Date.now();
  const until = duration === undefined ? undefined : created + duration * 1000;
  const changed = await changeAbout(parameters, services, (record, { id: user }) => {
    const why = whyNotBan(record, user, created);
    if (why !== undefined) return refusal('not_permitted', why);
    return { removal: { user, by: byOperator, reason, ban: { user, by: 0, reason, created, until } } };
  });
  if ('code' in changed) return changed;
  const { room, user } = changed;
  if (isLower('member', roleIn(room, user.id))) tellRole(room, user.name, 'member', services);
  const results = { room: room.name, username: user.name };
  return { results: until === undefined ? results : { ...results, until: encodeTime(until) } };
};

/** Ends the ban of a user from a room. Refuses (11) where it is not banned. */
export const unbanFromRoom: OperatorCommand<'unban_from_room'> = async (_operator, { parameters }, services) => {
  const changed = await changeAbout(parameters, services, (record, { id }) =>
    isBanned(record, id, Date.now()) ? { unban: id } : refusal('not_found', say('user_not_banned')),
  );
  if ('code' in changed) return changed;
  return { results: { room: changed.room.name, username: changed.user.name } };
};

/** Lists the bans from a room in force, of users after the name `after`. */
export const listRoomBans: OperatorCommand<'list_room_bans'> = async (_operator, { parameters }, services) => {
  const { room: name, after, limit = defaultLimit } = parameters;
  const { store, inTurn } = services;
  const room = await findRoom(services, name);
  if (room === undefined || room.state === 'deleted') return noSuchRoom();
  const bans = await inTurn(() => bansOf(store.directory, room.id, after, limit + 1));
  return listPage('bans', bans, limit, shownBan);
};

/** Deletes a room with its messages. All its owners stay what they are, and any of them can make it again. */
export const deleteRoom: OperatorCommand<'delete_room'> = async (_operator, { parameters }, services) => {
  const deleted = await changeRoom(parameters.room, services, () => ({ state: 'deleted' }));
  if ('code' in deleted) return deleted;
  return { results: { room: deleted.name, ...inEnglish(await emptyDeletedRoom(deleted, services, byOperator)) } };
};
