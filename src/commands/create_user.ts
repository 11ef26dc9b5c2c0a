// create_user: creates a user. This does not log the session in.
import { Uninvited } from '../accounts/accounts.js';
import { invitationHash } from '../accounts/invitations.js';
import { isWorth } from '../store/invitations.js';
import type { TakeTurn } from '../store/store.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command, Services } from './services.js';

/**
 * Answers the name as it is stored, and the other names as they were read. 14 where the address has made too many users
 * today. 4 where the name is taken, or looks like a taken one.
 */
export const createUser: Command<'create_user'> = async (session, { parameters }, services) => {
  const { accounts, audit, limits, reads, registrationInvited } = services;
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const account = { username, firstName, lastName, password };
  const { limitKey } = session.peer;
  const inTurn: TakeTurn = (read) => reads.run(session, read);
  // Where anyone may register, an invitation is not needed and not used up.
  const invitation = registrationInvited ? invitationHash(parameters.invitation ?? '') : undefined;
  const refused = (await whyUninvited(invitation, inTurn, services)) ?? limits.makingUser(session);
  if (refused !== undefined) return refused;
  let name: string | undefined;
  try {
    name = await accounts.create(account, limitKey, () => !session.gone, inTurn, invitation);
  } catch (error) {
    if (error instanceof Uninvited) return uninvited();
    throw error;
  } finally {
    if (name === undefined) limits.userNotMade(session);
  }
  if (name === undefined) return refusal('refused', say('name_taken'));
  audit.write({ ...session.auditFields, username: name }, 'user_created');
  return { results: { username: name, first_name: firstName, last_name: lastName } };
};

function uninvited(): Refusal {
  return refusal('not_permitted', say('registration_by_invitation'));
}

/** Refuses an invitation that is worth nothing (12), before its password is hashed. The store decides again. */
async function whyUninvited(
  invitation: Uint8Array | undefined,
  inTurn: TakeTurn,
  { store }: Pick<Services, 'store'>,
): Promise<Refusal | undefined> {
  if (invitation === undefined) return undefined;
  const found = await inTurn(() => store.invitations.find(invitation));
  return found !== undefined && isWorth(found, Date.now()) ? undefined : uninvited();
}
