// Generated from protocol/operator/commands/set_log_level.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of set_log_level. */
export interface SetLogLevelParameters {
  readonly level: string;
}

/** The results of set_log_level, in the order in which they are sent. */
export interface SetLogLevelResults {
  /** the level that was set */
  readonly level: string;
}

/** The spec of set_log_level. */
export const setLogLevel: OperatorSpec = {
  name: 'set_log_level',
  summary: 'Log from this level on, until the next reload or restart.',
  user: 'any',
  parameters: [{ name: 'level', field: 'level', required: true }],
  codes: [],
  example: {
    request: { command: 'set_log_level', level: 'debug' },
    reply: { level: 'debug' },
  },
};
