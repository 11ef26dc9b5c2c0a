// Generated from protocol/commands/end_session.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of end_session. */
export interface EndSessionParameters {
  readonly session: number;
}

/** The results of end_session, in the order in which they are sent. */
export type EndSessionResults = object;

/** The spec of end_session. */
export const endSession: CommandSpec = {
  name: 'end_session',
  edition: 2,
  summary: 'End a session of your own, with a 199. It may be the one that asks.',
  user: 'own',
  cost: 10,
  parameters: [{ name: 'session', field: 'id', required: true }],
  codes: [11],
};
