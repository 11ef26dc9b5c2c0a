// The one place that decides who may do what, by the role in a command's spec (code 12, PROTOCOL.md §2.5).
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { CommandSpec, RequiredRole } from '../wire/spec.js';

/** What a decision depends on. */
export interface Circumstances {
  readonly registrationOpen: boolean;
  /** Undefined where the command names no room, or the room is not loaded yet. The command that loads it asks again. */
  readonly room: Pick<RoomRecord, 'state' | 'roles'> | undefined;
  /** Who asks; undefined for a guest. */
  readonly user: UserId | undefined;
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

/** The user's role in the room. */
export function roleIn({ roles }: Pick<RoomRecord, 'roles'>, user: UserId | undefined): Role {
  return (user === undefined ? undefined : roles.get(user)) ?? 'member';
}

/**
 * Whether the user may delete a message of that author: anyone may delete one's own, a moderator those of lower roles,
 * an owner all.
 */
export function mayDelete(room: Pick<RoomRecord, 'roles'>, user: UserId, author: UserId): boolean {
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
      return room?.state === 'closed' ? 'the room is closed' : undefined;
    case 'correspondent':
      return isBlocked === true ? 'that user takes no messages from you' : undefined;
    case 'speaker':
      return room !== undefined && roleIn(room, user) === 'muted' ? 'you are muted in this room' : undefined;
    case 'moderator':
    case 'owner':
      if (room === undefined || !isLower(roleIn(room, user), role)) return undefined;
      return role === 'owner'
        ? 'only an owner of the room may do this'
        : 'only moderators and owners of the room may do this';
  }
}

function article(role: Role): string {
  return role === 'owner' ? 'an owner' : `a ${role}`;
}
