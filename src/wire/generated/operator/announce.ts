// Generated from protocol/operator/commands/announce.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of announce. */
export interface AnnounceParameters {
  readonly text: string;
}

/** The results of announce, in the order in which they are sent. */
export interface AnnounceResults {
  /** how many sessions get it */
  readonly sessions: number;
}

/** The spec of announce. */
export const announce: OperatorSpec = {
  name: 'announce',
  summary: 'Send a text to everybody who is connected, as event 190.',
  user: 'any',
  parameters: [{ name: 'text', field: 'notice', required: true }],
  codes: [],
  example: {
    request: { command: 'announce', text: 'The server restarts at noon.' },
    reply: { sessions: 12 },
  },
};
