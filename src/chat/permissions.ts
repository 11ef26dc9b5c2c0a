// The one place that decides who may do what (code 12, PROTOCOL.md §2.5): by the role in a command's spec, and by the
// roles, bans and settings of the room. Commands of clients and operators ask here, and so does whoever enters or
// speaks.
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import { ownersOf } from '../store/roles.js';
import type { CommandSpec, RequiredRole } from '../wire/spec.js';
import { say, type Sentence, type SentenceKey } from '../wire/words.js';

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

/** What a user of each role is called. */
const roleWords = {
  owner: 'an_owner',
  moderator: 'a_moderator',
  member: 'a_member',
  muted: 'a_muted_user',
} as const satisfies Readonly<Record<Role, SentenceKey>>;

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
): Sentence | undefined {
  const why = role === undefined ? undefined : whyNotInRole(role, circumstances);
  if (why !== undefined || outranks === undefined) return why;
  const { room, user, target } = circumstances;
  if (room === undefined || target === undefined) return undefined;
  if (target === user && outranks === 'others or oneself') return undefined;
  const [own, others] = [roleIn(room, user), roleIn(room, target)];
  if (target !== user && (own === 'owner' || isLower(others, own))) return undefined;
  return target === user ? say('others_only') : say('out_of_reach', { role: say(roleWords[others]) });
}

function whyNotInRole(
  role: RequiredRole,
  { registrationOpen, room, user, isBlocked }: Circumstances,
): Sentence | undefined {
  switch (role) {
    case 'registrant':
      return registrationOpen ? undefined : say('registration_closed');
    case 'entrant':
      // Whoever enters is judged by `whyNotEnter` besides, once the room is loaded.
      return room?.state === 'closed' ? say('room_closed') : undefined;
    case 'correspondent':
      return isBlocked === true ? say('takes_no_messages') : undefined;
    case 'speaker':
      return room === undefined ? undefined : whyNotSpeak(room, user);
    case 'moderator':
    case 'owner':
      if (room === undefined || !isLower(roleIn(room, user), role)) return undefined;
      return say(role === 'owner' ? 'owners_only' : 'moderators_only');
  }
}

/**
 * Says why the user may not speak in the room. Members of a room keep the answer until its record changes
 * (`Member.silence`).
 */
export function whyNotSpeak({ state, roles, settings }: JudgedRoom, user: Actor): Sentence | undefined {
  if (state === 'deleted') return say('room_deleted');
  const role = roleIn({ roles }, user);
  if (role === 'muted') return say('muted');
  if (settings.moderated && role === 'member') return say('room_moderated');
  return undefined;
}

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
export function whyNotEnter(
  room: JudgedRoom,
  user: UserId,
  { now, isMember, hasPlace }: Entrance,
): Sentence | undefined {
  if (room.state === 'deleted') return say('room_deleted');
  if (room.state === 'closed') return say('room_closed');
  if (isBanned(room, user, now)) return say('banned_from_room');
  const role = roleIn(room, user);
  if (role === 'owner') return undefined;
  if (room.settings.membersOnly && !isMember && role !== 'moderator') return say('members_only');
  return hasPlace ? undefined : say('room_full');
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
): Sentence | undefined {
  const [own, others] = [roleIn(room, user), roleIn(room, target)];
  if (role === others) return undefined;
  if (target === user && !isLower(role, own)) return say('only_lower_own_role');
  if (own !== 'owner' && !isLower(role, own)) return say('only_owners_give_role');
  if (isLastOwner(room, target)) return say('last_owner_role');
  if (isLower('member', role) && isBanned(room, target, now)) return say('target_banned');
  return others === 'member' && room.roles.size >= mostRoles ? say('too_many_roles', { most: mostRoles }) : undefined;
}

/** Says why the target may not be invited. @param now milliseconds since 1970 */
export function whyNotInvite(room: JudgedRoom, target: UserId, now = Date.now()): Sentence | undefined {
  return isBanned(room, target, now) ? say('target_banned') : undefined;
}

/** Says why the target may not be put out of the room, though it is within the user's reach. */
export function whyNotRemove(room: JudgedRoom, target: UserId): Sentence | undefined {
  return isLastOwner(room, target) ? say('last_owner_stays') : undefined;
}

/** Says why the room may not have one more ban. @param now milliseconds since 1970 */
export function whyNotBan(room: JudgedRoom, target: UserId, now: number): Sentence | undefined {
  if (room.bans.has(target) || room.bans.size < mostBans) return whyNotRemove(room, target);
  const lasting = [...room.bans.values()].filter((until) => until > now).length;
  return lasting >= mostBans ? say('too_many_bans', { most: mostBans }) : whyNotRemove(room, target);
}

/**
 * The most users of a room that have a role other than member, and that are banned: a room's record is read with all of
 * them.
 */
export const [mostRoles, mostBans] = [500, 500];
