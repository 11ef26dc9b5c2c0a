// Generated from protocol/commands/ping.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of ping. */
export interface PingParameters {
  readonly data?: string | undefined;
}

/** The results of ping, in the order in which they are sent. */
export interface PingResults {
  /** what was sent, if anything was */
  readonly data?: string | undefined;
  /** the server's time */
  readonly time: string;
}

/** The spec of ping. */
export const ping: CommandSpec = {
  name: 'ping',
  summary: "Answer with the same data, and the server's time.",
  user: 'any',
  cost: 1,
  parameters: [{ name: 'data', field: 'data', required: false }],
  codes: [],
  newResults: ['time'],
};
