// Generated from protocol/commands/log_out.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of log_out. */
export type LogOutParameters = object;

/** The results of log_out, in the order in which they are sent. */
export type LogOutResults = object;

/** The spec of log_out. */
export const logOut: CommandSpec = {
  name: 'log_out',
  summary: 'Leave all rooms and log out. The connection stays open.',
  user: 'own',
  cost: 2,
  parameters: [],
  codes: [],
};
