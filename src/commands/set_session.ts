// set_session: says how the session reads its lines, and which events come (PROTOCOL.md §8).
import type { Command } from './services.js';

/** Puts the settings in force, and answers all of them. Its own reply is written as they say. */
export const setSession: Command<'set_session'> = (session, request) => {
  const { parameters } = request;
  const refused = session.refTooLong(request, parameters);
  if (refused !== undefined) return refused;
  session.ask(parameters);
  return { results: session.settings };
};
