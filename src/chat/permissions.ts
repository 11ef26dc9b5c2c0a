// The one place that decides who may do what (code 12, PROTOCOL.md §2.5): by the role in a command's spec, and by the
// roles, bans and settings of the room. Commands of clients and operators ask here, and so does whoever enters or
// speaks.
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import { ownersOf } from '../store/roles.js';
import type { CommandSpec, RequiredRole } from '../wire/spec.js';

/** Stands for whoever is at the operators' socket: ranks above all owners. */
export const operator = 'operator';

/** Who asks: a user, an operator; undefined for a guest. */
export type Actor = UserId | typeof operator | undefined;

/** The part of a room's record that decisions depend on. */
export type JudgedRoom = Pick<RoomRecord, 'state' | 'roles' | 'bans' | 'settings'>;

/** What a decision depends on. */
export interface Circumstances {
  readonly registrationOpen: boolean;
  /** Undefined where the command names no room, or the room is not loaded yet. The command that loads it asks again. */
  readonly room: JudgedRoom | undefined;
  readonly user: Actor;
  /** The user whom the command is about, where its spec names one. */
  readonly target: UserId | undefined;
  /** Whether that user blocks who asks. Undefined where it is not known yet. The command that reads it asks again. */
  readonly isBlocked?: boolean;
}

/** The roles by their rank. */
const ranks: Readonly<Record<Role, number>> = { owner: 3, moderator: 2, member: 1, muted: 0 };

/** Whether a role ranks below another one. */
export function isLower(role: Role, than: Role): boolean {
  return ranks[role] < ranks[than];
}

/** The user's role in the room. An operator has an owner's. */
export function roleIn({ roles }: Pick<RoomRecord, 'roles'>, user: Actor): Role {
  if (user === operator) return 'owner';
  return (user === undefined ? undefined : roles.get(user)) ?? 'member';
}

/** Whether the user is the room's only owner, who must stay one: somebody has to look after the room. */
export function isLastOwner(room: Pick<RoomRecord, 'roles'>, user: UserId): boolean {
  return roleIn(room, user) === 'owner' && ownersOf(room).length === 1;
}

/** Whether the user is banned from the room. @param now milliseconds since 1970 */
export function isBanned({ bans }: Pick<RoomRecord, 'bans'>, user: UserId, now: number): boolean {
  return (bans.get(user) ?? 0) > now;
}

/**
 * Whether the user may delete a message of that author: anyone may delete one's own, a moderator those of lower roles,
 * an owner all.
 */
export function mayDelete(room: Pick<RoomRecord, 'roles'>, user: Actor, author: UserId): boolean {
  if (user === author) return true;
  const own = roleIn(room, user);
  return own === 'owner' || (own === 'moderator' && isLower(roleIn(room, author), own));
}

/**
 * Says why a command with that spec is not permitted, as a sentence for a person. Undefined where it is permitted.
 */
export function whyNotPermitted(
  { role, outranks }: Pick<CommandSpec, 'role' | 'outranks'>,
  circumstances: Circumstances,
): string | undefined {
  const why = role === undefined ? undefined : whyNotInRole(role, circumstances);
  if (why !== undefined || outranks === undefined) return why;
  const { room, user, target } = circumstances;
  if (room === undefined || target === undefined) return undefined;
  if (target === user && outranks === 'others or oneself') return undefined;
  const [own, others] = [roleIn(room, user), roleIn(room, target)];
  if (target !== user && (own === 'owner' || isLower(others, own))) return undefined;
  return target === user
    ? 'this command is about others'
    : `that user is ${article(others)} of the room: your role does not reach it`;
}

function whyNotInRole(
  role: RequiredRole,
  { registrationOpen, room, user, isBlocked }: Circumstances,
): string | undefined {
  switch (role) {
    case 'registrant':
      return registrationOpen ? undefined : 'registration is closed: ask the operator';
    case 'entrant':
      // Whoever enters is judged by `whyNotEnter` besides, once the room is loaded.
      return room?.state === 'closed' ? 'the room is closed' : undefined;
    case 'correspondent':
      return isBlocked === true ? 'that user takes no messages from you' : undefined;
    case 'speaker':
      return room === undefined ? undefined : whyNotSpeak(room, user);
    case 'moderator':
    case 'owner':
      if (room === undefined || !isLower(roleIn(room, user), role)) return undefined;
      return role === 'owner'
        ? 'only an owner of the room may do this'
        : 'only moderators and owners of the room may do this';
  }
}

/**
 * Says why the user may not speak in the room. Members of a room keep the answer until its record changes
 * (`Member.silence`).
 */
export function whyNotSpeak({ state, roles, settings }: JudgedRoom, user: Actor): string | undefined {
  if (state === 'deleted') return deleted;
  const role = roleIn({ roles }, user);
  if (role === 'muted') return 'you are muted in this room';
  if (settings.moderated && role === 'member') return 'the room is moderated: only its moderators and owners speak';
  return undefined;
}

const deleted = 'the room was deleted: only its last owner and the operator can make it again';

/** What a decision about entering depends on besides the room's record. */
export interface Entrance {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the user is a member of the room, invited or otherwise (chat/membership.ts). */
  readonly isMember: boolean;
  /** Whether the room has a place for the user, as `Room.hasPlaceFor` answers. */
  readonly hasPlace: boolean;
}

/**
 * Says why the user may not enter the room, or post to it without being in it. The room's password is asked for
 * besides.
 */
export function whyNotEnter(room: JudgedRoom, user: UserId, { now, isMember, hasPlace }: Entrance): string | undefined {
  if (room.state === 'deleted') return deleted;
  if (room.state === 'closed') return 'the room is closed';
  if (isBanned(room, user, now)) return 'you are banned from this room';
  const role = roleIn(room, user);
  if (role === 'owner') return undefined;
  if (room.settings.membersOnly && !isMember && role !== 'moderator')
    return 'only members may enter this room: ask for an invitation';
  return hasPlace ? undefined : 'the room is full';
}

/**
 * Whether the user has to give the room's password to enter: whoever is no member, and whoever became one with an
 * earlier password. Owners know it.
 * @param given the version of the password that the member gave (`RoomSettings.passwordVersion`); undefined for none
 */
export function asksPassword(room: JudgedRoom, user: UserId, given: number | undefined): boolean {
  const { password, passwordVersion } = room.settings;
  return password !== '' && roleIn(room, user) !== 'owner' && given !== passwordVersion;
}

/**
 * Says why the user may not give that role to the target, though the target is within its reach.
 * @param now milliseconds since 1970
 */
export function whyNotGive(
  room: JudgedRoom,
  user: Actor,
  target: UserId,
  role: Role,
  now = Date.now(),
): string | undefined {
  const [own, others] = [roleIn(room, user), roleIn(room, target)];
  if (role === others) return undefined;
  if (target === user && !isLower(role, own)) return 'you can only lower your own role';
  if (own !== 'owner' && !isLower(role, own))
    return 'only an owner of the room can give the roles of owners and moderators';
  if (isLastOwner(room, target)) return 'the last owner of a room stays one: make another owner first';
  if (isLower('member', role) && isBanned(room, target, now))
    return 'that user is banned from the room: end the ban first';
  return others === 'member' && room.roles.size >= mostRoles
    ? `the room has as many owners, moderators and muted users as it may have, ${mostRoles}: make members of some first`
    : undefined;
}

/** Says why the target may not be invited. @param now milliseconds since 1970 */
export function whyNotInvite(room: JudgedRoom, target: UserId, now = Date.now()): string | undefined {
  return isBanned(room, target, now) ? 'that user is banned from the room: end the ban first' : undefined;
}

/** Says why the target may not be put out of the room, though it is within the user's reach. */
export function whyNotRemove(room: JudgedRoom, target: UserId): string | undefined {
  return isLastOwner(room, target) ? 'the last owner of a room stays in it: make another owner first' : undefined;
}

/** Says why the room may not have one more ban. @param now milliseconds since 1970 */
export function whyNotBan(room: JudgedRoom, target: UserId, now: number): string | undefined {
  if (room.bans.has(target) || room.bans.size < mostBans) return whyNotRemove(room, target);
  const lasting = [...room.bans.values()].filter((until) => until > now).length;
  return lasting >= mostBans
    ? `the room has as many bans as it may have, ${mostBans}: end some first`
    : whyNotRemove(room, target);
}

/**
 * The most users of a room that have a role other than member, and that are banned: a room's record is read with all of
 * them.
 */
export const [mostRoles, mostBans] = [500, 500];

function article(role: Role): string {
  return role === 'owner' ? 'an owner' : `a ${role}`;
}
