// Generated from protocol/operator/commands/reload.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

/** The parameters of reload. */
export type ReloadParameters = object;

/** The results of reload, in the order in which they are sent. */
export interface ReloadResults {
  /** names of the settings that changed and are in force now */
  readonly applied: readonly string[];
  /** names of the settings that changed and need a restart */
  readonly restart: readonly string[];
  /** what the settings that are in force now do not do, although they say so */
  readonly warnings: readonly string[];
}

/** The spec of reload. */
export const reload: OperatorSpec = {
  name: 'reload',
  summary: 'Read the settings and the certificates again, and apply what can be applied without a restart.',
  user: 'any',
  parameters: [],
  codes: [7],
  example: {
    request: { command: 'reload' },
    reply: {
      applied: ['log_level'],
      restart: [],
      warnings: [],
    },
  },
};
