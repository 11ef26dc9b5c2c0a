// change_password: gives the session's user another password, and ends whatever was open by the one before.
import { checkOwnPassword, refused } from './password-check.js';
import type { Command } from './services.js';
import { say } from '../wire/words.js';

/**
 * Answers once the new password is stored and all other sessions of the user have ended (199). 4 where the password is
 * wrong, or was changed meanwhile: of two changes that are asked for at once, one succeeds.
 */
export const changePassword: Command<'change_password'> = async (session, { parameters }, services) => {
  const { accounts, audit, evictions } = services;
  const { token } = session.identity;
  const user = await checkOwnPassword(session, parameters.password, services);
  if ('code' in user) return user;
  const isWanted = (): boolean => !session.gone;
  if (!(await accounts.changePassword(user, parameters.new_password, session.peer.limitKey, token, isWanted)))
    return refused();
  await evictions.user(user.key, { reason: say('reasons.password_changed'), because: 'server' }, session);
  audit.write({ ...session.auditFields, username: user.name }, 'password_changed');
  return { results: {} };
};
