import type { Command } from './services.js';

export const quit: Command<'quit'> = (session) => {
  session.quitting = true;
  return { results: {} };
};
