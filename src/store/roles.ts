// The roles that users were given in a room, as its record has them.
import type { GivenRole, RoomChange, RoomRecord, UserId } from './directory.js';

type Roles = ReadonlyMap<UserId, GivenRole>;

/** The owners of a room. */
export function ownersOf({ roles }: Pick<RoomRecord, 'roles'>): readonly UserId[] {
  return [...roles].filter(([, role]) => role === 'owner').map(([user]) => user);
}

/** The roles after a change that makes `owner` the only owner, or gives one user a role; in the order of the giving. */
export function changedRoles(roles: Roles, owner: UserId | undefined, change: RoomChange['role']): Roles {
  const changed = new Map(roles);
  if (owner !== undefined) {
    for (const [user, role] of roles) if (role === 'owner') changed.delete(user);
    give(changed, owner, 'owner');
  }
  if (change === undefined) return changed;
  const { user, role } = change;
  if (role === 'member') changed.delete(user);
  else give(changed, user, role);
  return changed;
}

/** A role that a user has already keeps its place in the order. */
function give(roles: Map<UserId, GivenRole>, user: UserId, role: GivenRole): void {
  if (roles.get(user) === role) return;
  roles.delete(user);
  roles.set(user, role);
}

/**
 * The roles after a user is deleted. Where it was the last owner, the moderator of longest standing who can log in
 * becomes the owner, or else `heir`; without one the operator decides (PROTOCOL.md §2.5).
 * @param away the moderators who can't log in
 */
export function inheritedRoles(roles: Roles, user: UserId, heir: UserId | undefined, away: ReadonlySet<UserId>): Roles {
  const left = new Map(roles);
  left.delete(user);
  if (roles.get(user) !== 'owner' || [...left.values()].includes('owner')) return left;
  const [moderator] = [...left].find(([each, role]) => role === 'moderator' && !away.has(each)) ?? [];
  const next = moderator ?? heir;
  if (next !== undefined && next !== user) give(left, next, 'owner');
  return left;
}
