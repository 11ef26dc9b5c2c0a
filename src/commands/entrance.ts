// Judges whether a member may enter a room: by bans and settings (chat/permissions.ts), and by the room's password,
// whose tries count as password attempts.
import { asksPassword, whyNotEnter } from '../chat/permissions.js';
import type { Member } from '../chat/member.js';
import { charge } from '../session/budgets.js';
import type { Session } from '../session/session.js';
import type { Membership } from '../store/membership.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { isOver } from './past.js';
import type { RequestOf, Services } from './services.js';

type Request = RequestOf<'join_chatroom'>;

/**
 * Makes the refusal for a member that was evicted, or found no place, before it was in the room. A session that has
 * ended does not get it.
 */
export function turnedAway({ room, user, out }: Member): Refusal {
  const entrance = { now: Date.now(), isMember: true, hasPlace: out || room.hasPlaceFor(user.id) };
  return refusal('not_permitted', whyNotEnter(room.record, user.id, entrance) ?? say('removed_from_room'));
}

/**
 * Makes the user a member of the room, on disk; a join that was made before writes nothing. Refuses a member that may
 * not enter its room (12), or whose password is not the room's (12, 14, 17). The member has to be among those that are
 * entering: then an eviction reaches it while the store or the hash is waited for.
 */
export async function admit(
  member: Member,
  session: Session,
  request: Request,
  services: Services,
): Promise<Refusal | { readonly isNew: boolean }> {
  const { memberships, limits } = services;
  const { room, user } = member;
  const { id } = room.record;
  const membership = await memberships.of(id, user);
  if (isOver(session, member)) return turnedAway(member);
  const refused = await whyTurnedAway(member, membership, session, request, services);
  if (refused !== undefined) return refused;
  // Only whoever may enter learns how many messages the room has.
  if ((request.parameters.after ?? 0) > room.log.head) return beyondNewest();
  member.wasIn = membership?.isInvited === false;
  const { passwordVersion } = room.record.settings;
  if (membership?.isInvited === false && membership.password === passwordVersion) return { isNew: false };
  const isKnown = membership !== undefined;
  const outcome = await memberships.join(id, user, passwordVersion, limits.roomsPerUser(session), session, isKnown);
  // Whoever was put out while the row was written has become no member.
  if (member.out && !session.gone && !isKnown) await memberships.end(id, user, session);
  if (outcome === 'none' || isOver(session, member)) return turnedAway(member);
  return outcome === 'full' ? limits.tooManyRooms() : { isNew: !isKnown };
}

/** Makes the refusal for an `after` that names no message of the room. */
export function beyondNewest(): Refusal {
  return refusal('invalid_field', say('after_beyond_newest'), { field: 'after' });
}

async function whyTurnedAway(
  member: Member,
  membership: Membership | undefined,
  session: Session,
  request: Request,
  services: Services,
): Promise<Refusal | undefined> {
  const { room, user } = member;
  const isMember = membership !== undefined;
  const entrance = { now: Date.now(), isMember, hasPlace: room.hasPlaceFor(user.id) };
  const why = whyNotEnter(room.record, user.id, entrance);
  if (why !== undefined) return refusal('not_permitted', why);
  // A hash takes so long that the room may have another password by then.
  while (asksPassword(room.record, user.id, membership?.password)) {
    const hash = room.record.settings.password;
    const refused = await tryPassword(member, hash, session, request, services);
    if (refused !== undefined) return refused;
    if (hash === room.record.settings.password) return undefined;
  }
  return undefined;
}

async function tryPassword(
  { room, user }: Member,
  hash: string,
  session: Session,
  { spec, parameters: { password = '' } }: Request,
  { gates, backoff, roomPasswords }: Services,
): Promise<Refusal | undefined> {
  if (password === '') return refusal('not_permitted', say('room_password_missing'));
  const { limitKey, exempt, local, shared = exempt } = session.peer;
  // No user has this name.
  const account = `room ${room.record.id}`;
  const wait = exempt && local === true ? 0 : backoff.wait(account, limitKey, gates.now(), shared);
  if (wait > 0) {
    gates.counters.limit('wrong_passwords');
    return refusal('rate_limited', say('too_many_wrong_passwords'), { retry_after: wait });
  }
  const spent = charge(gates, { ...spec, cost: 0, budget: 'password' }, session);
  if (spent !== undefined) return spent;
  // In the same step as `wait`: tries that are sent meanwhile find it counted.
  const attempt = backoff.begin(account, limitKey, gates.now());
  const isRight = await roomPasswords
    .matches(password, hash, { address: limitKey, account: user.key })
    .catch((error: unknown) => {
      attempt.withdraw();
      throw error;
    });
  if (isRight) {
    attempt.succeeded();
    return undefined;
  }
  attempt.failed(gates.now());
  return refusal('not_permitted', say('room_password_wrong'));
}
