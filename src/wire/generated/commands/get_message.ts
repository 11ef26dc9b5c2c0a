// Generated from protocol/commands/get_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of get_message. */
export interface GetMessageParameters {
  readonly room: string;
  readonly id: number;
  readonly offset?: number | undefined;
}

/** The results of get_message, in the order in which they are sent. */
export interface GetMessageResults {
  /** a piece of the text, empty if it was deleted */
  readonly message: string;
  /** where the piece begins in the text */
  readonly offset: number;
  /** how many bytes the text has */
  readonly bytes: number;
  /** whether the text goes on behind the piece */
  readonly more: boolean;
}

/** The spec of get_message. */
export const getMessage: CommandSpec = {
  name: 'get_message',
  edition: 2,
  summary: 'Read one message: a 110 line without its text, then as much of the text as fits into the reply.',
  user: 'own',
  room: 'joined',
  cost: 10,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'id', field: 'id', required: true },
    { name: 'offset', field: 'offset', required: false },
  ],
  codes: [10, 11],
};
