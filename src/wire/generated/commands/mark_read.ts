// Generated from protocol/commands/mark_read.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of mark_read. */
export interface MarkReadParameters {
  readonly room: string;
  readonly id: number;
}

/** The results of mark_read, in the order in which they are sent. */
export type MarkReadResults = object;

/** The spec of mark_read. */
export const markRead: CommandSpec = {
  name: 'mark_read',
  edition: 2,
  summary: 'Remember how far you have read in a room that you have joined. Your other sessions are told (event 109).',
  user: 'own',
  cost: 2,
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'id', field: 'id', required: true }],
  codes: [7, 10],
};
