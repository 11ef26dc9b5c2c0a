// invite_user: makes a user a member of a room, and tells the user of it.
import type { Member } from '../chat/member.js';
import { whyNotInvite, whyNotPermitted } from '../chat/permissions.js';
import { notInRoom } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { LogId } from '../store/log.js';
import { refusal, type Ref } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { noticeLog, tellInvited, whyNotInvited } from './invitation-notice.js';
import type { AnswerOf, Command, Services } from './services.js';

/** Whoever is a member already, or was invited, is told nothing. */
export const inviteUser: Command<'invite_user'> = async (session, { spec, ref }, services, member, target) => {
  const { gates, memberships } = services;
  const { room, user } = member;
  const { id } = room.record;
  const blocked = whyNotInvite(room.record, target.id) ?? (await whyNotInvited(session, target, services));
  if (blocked !== undefined) return refusal('not_permitted', blocked);
  const known = await memberships.of(id, target);
  if (known !== undefined) return member.out ? notInRoom() : { results: {} };
  const log = await noticeLog(session, target, services);
  if (typeof log !== 'number') return log;
  // The roles may have changed meanwhile.
  if (session.gone || member.out) return notInRoom();
  const { registrationOpen } = gates;
  const circumstances = { registrationOpen, room: room.record, user: user.id, target: target.id };
  const why = whyNotPermitted(spec, circumstances) ?? whyNotInvite(room.record, target.id);
  if (why !== undefined) return refusal('not_permitted', why);
  const answered = member.changing();
  let told: Awaited<ReturnType<typeof inviteAndTell>> | undefined;
  try {
    told = await inviteAndTell({ session, member, target, log, ref, answered }, services);
    return told;
  } finally {
    if (told !== 'on commit') answered();
  }
};

/** An invitation that is about to be stored. */
interface Inviting {
  readonly session: Session;
  readonly member: Member;
  readonly target: UserRecord;
  /** The private conversation that the notice goes to. */
  readonly log: LogId;
  readonly ref: Ref | undefined;
  /** To be called when the notice is answered. */
  readonly answered: () => void;
}

/** Stores the invitation, and sends the notice of it. */
async function inviteAndTell(
  { session, member: { room, user }, target, log, ref, answered }: Inviting,
  services: Services,
): Promise<AnswerOf<'invite_user'>> {
  const { limits, memberships } = services;
  const { id } = room.record;
  const { passwordVersion } = room.record.settings;
  const outcome = await memberships.invite(id, target, user.id, passwordVersion, limits.invitationsPerUser(), session);
  if (outcome === 'full') return refusal('not_permitted', say('too_many_invitations'));
  if (outcome !== 'changed') return { results: {} };
  const banned = whyNotInvite(room.record, target.id);
  // Where nobody is told nothing was done: the user must be able to be invited again. It may have followed the
  // invitation meanwhile.
  const takeBack = async (): Promise<void> => {
    const made = await memberships.of(id, target);
    if (made?.isInvited === true) await memberships.end(id, target, session);
  };
  try {
    const told =
      banned === undefined
        ? await tellInvited(session, target, { log, room: room.name, ref, answered }, services)
        : refusal('not_permitted', banned);
    if (told !== 'on commit') await takeBack();
    return told;
  } catch (error) {
    await takeBack();
    throw error;
  }
}
