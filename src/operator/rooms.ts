// Rooms: what is kept of them, whose they are, and whether anyone may enter.
import { nameKey } from '../text/names.js';
import { defaultLimit } from '../commands/past.js';
import { encodeTime } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { findAccount, noSuchUser } from './accounts.js';
import type { OperatorCommand } from './services.js';

/** How many names `show_room` has of those who are there. */
const mostNames = 20;

/** Who did it, in event 106: no user can have this name. */
const byOperator = 'the operator';

function noSuchRoom(): Refusal {
  return refusal('not_found', 'there is no room of that name');
}

export const listRooms: OperatorCommand<'list_rooms'> = async ({ after, limit = defaultLimit }, { store, rooms }) => {
  const found = await store.directory.listRooms('', after === undefined ? '' : nameKey(after), limit + 1);
  return {
    results: {},
    list: {
      name: 'rooms',
      items: found.slice(0, limit).map(({ name, key, topic, state }) => ({
        room: name,
        state,
        users: rooms.get(key)?.count ?? 0,
        topic,
      })),
      more: found.length > limit,
    },
  };
};

export const showRoom: OperatorCommand<'show_room'> = async ({ room: name }, { store, rooms }) => {
  const found = await store.directory.findRoom(nameKey(name));
  if (found === undefined) return noSuchRoom();
  const owners = await store.directory.namesOf(found.owners);
  const here = rooms.get(found.key);
  return {
    results: {
      room: found.name,
      topic: found.topic,
      state: found.state,
      owners: [...owners.values()],
      users: Array.from(here?.users() ?? [], (user) => user.name).slice(0, mostNames),
      count: here?.count ?? 0,
      created: encodeTime(found.created),
    },
  };
};

export const ownRoom: OperatorCommand<'own_room'> = async ({ room: name, user: owner }, { store }) => {
  const [found, user] = [await store.directory.findRoom(nameKey(name)), await findAccount({ store }, owner)];
  if (found === undefined) return noSuchRoom();
  if (user === undefined) return noSuchUser();
  if ((await store.directory.changeRoom(found.id, { owner: user.id })) === 'gone') return noSuchRoom();
  return { results: { room: found.name, owner: user.name } };
};

export const closeRoom: OperatorCommand<'close_room'> = async (
  { room: name, reason = 'the room was closed' },
  services,
) => {
  const { store, rooms, evictions } = services;
  const found = await store.directory.findRoom(nameKey(name));
  if (found === undefined) return noSuchRoom();
  if ((await store.directory.changeRoom(found.id, { state: 'closed' })) === 'gone') return noSuchRoom();
  const here = await rooms.opened(found.key);
  if (here === undefined) return { results: { room: found.name, sessions: 0 } };
  const sessions = evictions.room(here, () => true, { by: byOperator, reason, because: 'kicked' });
  return { results: { room: found.name, sessions } };
};

export const openRoom: OperatorCommand<'open_room'> = async ({ room: name }, { store }) => {
  const found = await store.directory.findRoom(nameKey(name));
  if (found === undefined) return noSuchRoom();
  if ((await store.directory.changeRoom(found.id, { state: 'open' })) === 'gone') return noSuchRoom();
  return { results: { room: found.name } };
};
