// Generated from protocol/commands/quit.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of quit. */
export type QuitParameters = object;

/** The results of quit, in the order in which they are sent. */
export type QuitResults = object;

/** The spec of quit. */
export const quit: CommandSpec = {
  name: 'quit',
  summary: 'Close the connection after the reply. Nothing sent after `quit` is read.',
  user: 'any',
  cost: 0,
  parameters: [],
  codes: [],
};
