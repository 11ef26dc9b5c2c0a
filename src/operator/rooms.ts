// Operators' commands about rooms: list, show, change the owner, close and open.
import { roleIn } from '../chat/permissions.js';
import { defaultLimit, listPage, readList } from '../session/list-page.js';
import { byOperator } from '../session/room-bans.js';
import type { GivenRole } from '../store/directory.js';
import { ownersOf } from '../store/roles.js';
import { encodeTime } from '../wire/encode.js';
import { say, verbatim } from '../wire/words.js';
import { findAccount, noSuchUser } from './accounts.js';
import { changeRoom, findRoom, noSuchRoom, tellRole } from './change-room.js';
import type { OperatorCommand } from './services.js';

/** The most users that `show_room` names. */
const mostNames = 20;

function firstNames(users: Iterable<{ readonly name: string }>): readonly string[] {
  const names: string[] = [];
  for (const { name } of users) if (names.push(name) === mostNames) break;
  return names;
}

/** Lists the rooms after the name `after`, in the order of their folded names. */
export const listRooms: OperatorCommand<'list_rooms'> = async (
  _operator,
  { parameters },
  { store, presence, inTurn },
) => {
  const { after, limit = defaultLimit } = parameters;
  const found = await readList(after, limit, async (from, most) => {
    const { rooms: items, next } = await inTurn(() => store.directory.listRooms('', from, most));
    return { items, next };
  });
  return listPage('rooms', found, limit, ({ name, key, topic, state }) => ({
    room: name,
    state,
    users: presence.countIn(key),
    topic,
  }));
};

/** Shows a room, and the first users in it. */
export const showRoom: OperatorCommand<'show_room'> = async (_operator, { parameters }, services) => {
  const { store, presence, inTurn } = services;
  const found = await findRoom(services, parameters.room);
  if (found === undefined) return noSuchRoom();
  const named = await inTurn(() => store.directory.namesOf(found.roles.keys()));
  const namesWith = (role: GivenRole): readonly string[] =>
    [...found.roles].flatMap(([user, given]) => (given === role ? [named.get(user) ?? ''] : []));
  return {
    results: {
      room: found.name,
      topic: found.topic,
      state: found.state,
      owners: namesWith('owner'),
      users: firstNames(presence.usersIn(found.key)),
      count: presence.countIn(found.key),
      created: encodeTime(found.created),
      moderators: namesWith('moderator').slice(0, mostNames),
      muted: namesWith('muted').slice(0, mostNames),
    },
  };
};

/** Makes a user the room's only owner, and tells those who are in the room. */
export const ownRoom: OperatorCommand<'own_room'> = async (_operator, { parameters }, services) => {
  const { room: name, user: owner } = parameters;
  const [found, user] = [await findRoom(services, name), await findAccount(services, owner)];
  if (found === undefined) return noSuchRoom();
  if (user === undefined) return noSuchUser();
  const outcome = await services.store.directory.changeRoom(found.id, { owner: user.id });
  if (outcome === 'gone') return noSuchRoom();
  if (outcome === 'nobody') return noSuchUser();
  if (roleIn(found, user.id) !== 'owner') tellRole(found, user.name, 'owner', services);
  const others = ownersOf(found).filter((other) => other !== user.id);
  const named = await services.inTurn(() => services.store.directory.namesOf(others));
  for (const other of named.values()) tellRole(found, other, 'member', services);
  return { results: { room: found.name, owner: user.name } };
};

/** Closes the room, so that nobody can enter it, and evicts all its members. */
export const closeRoom: OperatorCommand<'close_room'> = async (_operator, { parameters }, services) => {
  const { room: name, reason: words } = parameters;
  const { rooms, evictions } = services;
  const reason = words === undefined ? say('reasons.room_closed') : verbatim(words);
  const found = await changeRoom(name, services, () => ({ state: 'closed' }));
  if ('code' in found) return found;
  const here = await rooms.opened(found.key);
  if (here === undefined) return { results: { room: found.name, sessions: 0 } };
  const sessions = await evictions.room(here, () => true, { by: byOperator, reason, because: 'kicked' });
  return { results: { room: found.name, sessions } };
};

/** Lets users enter a closed room again. Makes a deleted room again, empty, for the owners that it had. */
export const openRoom: OperatorCommand<'open_room'> = async (_operator, { parameters }, services) => {
  const { directory } = services.store;
  for (;;) {
    const found = await findRoom(services, parameters.room);
    if (found === undefined) return noSuchRoom();
    // What was not erased when the room was deleted must not come back.
    if (found.state === 'deleted') while (await directory.eraseMessages(found.id));
    const outcome = await directory.changeRoom(found.id, { state: 'open' }, found.version);
    // It may have been deleted meanwhile.
    if (outcome !== 'stale') return outcome === 'gone' ? noSuchRoom() : { results: { room: found.name } };
  }
};
