// list_bans: lists the bans from a room.
import { whyNotPermitted } from '../chat/permissions.js';
import { defaultLimit, listPage } from '../session/list-page.js';
import { bansOf, shownBan } from '../session/room-bans.js';
import type { RoomRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { namedRoom } from './named-room.js';
import type { Command } from './services.js';

/** Lists the bans in force of users after the name `after`, in the order of their folded names. */
export const listBans: Command<'list_bans'> = async (session, { spec, parameters }, services) => {
  const { room: name, after, limit = defaultLimit } = parameters;
  const { store, reads, gates } = services;
  const user = session.identity.user.id;
  const judged = async (): Promise<RoomRecord | Refusal> => {
    const room = await namedRoom(session, name, services);
    if ('code' in room) return room;
    const { registrationOpen } = gates;
    const why = whyNotPermitted(spec, { registrationOpen, room, user, target: undefined });
    return why === undefined ? room : refusal('not_permitted', why);
  };
  const room = await judged();
  if ('code' in room) return room;
  const bans = await reads.run(session, () => bansOf(store.directory, room.id, after, limit + 1));
  // Whoever has lost its role while they were read sees nothing of what came since.
  const still = await judged();
  return 'code' in still ? still : listPage('bans', bans, limit, shownBan);
};
