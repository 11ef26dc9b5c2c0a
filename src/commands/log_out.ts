// log_out: makes the session a guest's again. Its connection stays open.
import type { Command } from './services.js';

/** Leaves all rooms before it answers. */
export const logOut: Command<'log_out'> = (session) => {
  const success = { results: {} };
  for (const member of session.identity.members.values()) member.answeredAll();
  return session.becomeGuest('left')?.then(() => success) ?? success;
};
