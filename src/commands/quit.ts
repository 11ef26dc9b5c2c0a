// quit: closes the connection.
import type { Command } from './services.js';

/** Reads no further line. The connection closes after the reply. */
export const quit: Command<'quit'> = (session) => {
  session.quitting = true;
  return { results: {} };
};
