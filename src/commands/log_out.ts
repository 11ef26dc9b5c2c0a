import type { Command } from './services.js';

export const logOut: Command<'log_out'> = (session) => {
  session.becomeGuest('left');
  return { results: {} };
};
