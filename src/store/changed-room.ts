// What a change makes of a room's record. Pure: all stores use it, within a commit.
import type { Removal, RoomChange, RoomRecord, UserId } from './directory.js';
import { changedRoles, inheritedRoles } from './roles.js';
import { defaultSettings } from './room-settings.js';

const nobody: ReadonlySet<UserId> = new Set();

/**
 * The record after the change, in its next version.
 * @param now milliseconds since 1970
 * @param away the users with roles who can't log in, where the change says that a user is deleted
 */
export function changedRoom(record: RoomRecord, change: RoomChange, now: number, away = nobody): RoomRecord {
  const { topic = record.topic, state = record.state, removal, unban, deleted } = change;
  const given = changedRoles(record.roles, change.owner, change.role);
  const lasting = removal?.ban === undefined ? given : withoutRank(given, removal.user);
  const roles = deleted === undefined ? lasting : inheritedRoles(lasting, deleted.user, deleted.heir, away);
  const settings = { ...record.settings, ...change.settings };
  const bans = changedBans(record.bans, removal, [unban, change.owner, deleted?.user], now);
  const changed = { ...record, version: record.version + 1, topic, state, settings, roles, bans };
  return state === 'deleted' && record.state !== 'deleted' ? emptied(changed) : changed;
}

/**
 * The user to whom a change gives a role or a ban, and who must not be deleted: neither could be taken away again.
 * Undefined where it gives none.
 */
export function receiverOf({ owner, role, removal, deleted }: RoomChange): UserId | undefined {
  if (removal?.ban !== undefined) return removal.user;
  return owner ?? (role === undefined || role.role === 'member' ? deleted?.heir : role.user);
}

/** A banned user keeps no rank: a room must not be left with an owner who can't enter it. */
function withoutRank(roles: RoomRecord['roles'], user: UserId): RoomRecord['roles'] {
  if (roles.get(user) === 'muted') return roles;
  return changedRoles(roles, undefined, { user, role: 'member' });
}

/** The bans that have not ended, with a new one and without those that are lifted. */
function changedBans(
  bans: RoomRecord['bans'],
  removal: Removal | undefined,
  lifted: readonly (UserId | undefined)[],
  now: number,
): RoomRecord['bans'] {
  if (removal?.ban === undefined && !lifted.some((user) => user !== undefined && bans.has(user))) return bans;
  const changed = new Map([...bans].filter(([user, until]) => until > now && !lifted.includes(user)));
  if (removal?.ban !== undefined) changed.set(removal.user, removal.ban.until ?? Infinity);
  return changed;
}

/** A deleted room keeps its name, its ids and its last owners. */
function emptied(record: RoomRecord): RoomRecord {
  const roles = new Map([...record.roles].filter(([, role]) => role === 'owner'));
  return { ...record, topic: '', settings: defaultSettings, bans: new Map(), roles };
}
