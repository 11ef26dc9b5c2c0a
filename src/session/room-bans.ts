// The bans from a room, as lists of clients and operators show them.
import type { Directory, ListedRoomBan, RoomId } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { encodeTime } from '../wire/encode.js';

/** Who did what an operator did, in events and lists. No user can have this name. */
export const byOperator = 'the operator';

/** A ban with the name of whoever made it. */
export interface NamedBan extends ListedRoomBan {
  readonly byName: string;
}

/** Reads at most `limit` bans in force of users after the name `after`, in the order of their keys. */
export async function bansOf(
  directory: Pick<Directory, 'listRoomBans' | 'namesOf'>,
  room: RoomId,
  after: string | undefined,
  limit: number,
): Promise<readonly NamedBan[]> {
  const bans = await directory.listRoomBans(room, after === undefined ? '' : nameKey(after), limit, Date.now());
  const names = await directory.namesOf(new Set(bans.map(({ by }) => by).filter((by) => by > 0)));
  return bans.map((ban) => ({ ...ban, byName: ban.by === 0 ? byOperator : (names.get(ban.by) ?? '') }));
}

/** The ban as a list shows it. */
export function shownBan({ name, byName, reason, created, until }: NamedBan): {
  readonly username: string;
  readonly by: string;
  readonly reason: string;
  readonly created: string;
  readonly until?: string;
} {
  const ban = { username: name, by: byName, reason, created: encodeTime(created) };
  return until === undefined ? ban : { ...ban, until: encodeTime(until) };
}
