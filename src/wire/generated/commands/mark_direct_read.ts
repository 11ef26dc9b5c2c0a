// Generated from protocol/commands/mark_direct_read.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of mark_direct_read. */
export interface MarkDirectReadParameters {
  readonly with: string;
  readonly id: number;
}

/** The results of mark_direct_read, in the order in which they are sent. */
export type MarkDirectReadResults = object;

/** The spec of mark_direct_read. */
export const markDirectRead: CommandSpec = {
  name: 'mark_direct_read',
  edition: 2,
  summary: 'Say how far you have read in a private conversation: 0, or an id up to that of its newest message. It may go back. Your other sessions are told.',
  user: 'own',
  cost: 10,
  parameters: [{ name: 'with', field: 'username', required: true }, { name: 'id', field: 'id', required: true }],
  codes: [7, 11],
};
