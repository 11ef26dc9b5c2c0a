// delete_user: deletes the session's user, and with `erase` all that it wrote.
import { deleteUser as deleteAndEvict } from '../session/delete-user.js';
import { languageOfTexts } from '../wire/format.js';
import { inWords, say } from '../wire/words.js';
import { checkOwnPassword, refused } from './password-check.js';
import type { Command } from './services.js';

/**
 * Answers once nothing of what had to go is left on the disk, or with what is left. This session goes on as a guest's;
 * the user's others end (199).
 */
export const deleteUser: Command<'delete_user'> = async (session, { parameters }, services) => {
  const { password, erase = false } = parameters;
  const user = await checkOwnPassword(session, password, services);
  if ('code' in user) return user;
  const { auditFields } = session;
  // Read now: afterwards the session is a guest's.
  const { payerClass, payerAddress, payerUser } = session;
  const deleted = await deleteAndEvict(
    user,
    {
      erases: erase,
      eviction: { reason: say('reasons.account_deleted'), because: 'server' },
      session,
      payer: { payerClass, payerAddress, payerUser },
    },
    services,
  );
  if (deleted === undefined) return refused();
  services.audit.write({ ...auditFields, ...(erase ? {} : { username: user.name }), erased: erase }, 'user_deleted');
  const { left } = deleted;
  return { results: left === undefined ? {} : { left: inWords(left, languageOfTexts(session.format)) } };
};
