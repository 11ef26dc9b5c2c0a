// quit: the client wants the connection closed.
import type { Command } from './services.js';

/** Nothing after it is read, and the connection closes after the reply. */
export const quit: Command<'quit'> = (session) => {
  session.quitting = true;
  return { results: {} };
};
