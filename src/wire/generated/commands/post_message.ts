// Generated from protocol/commands/post_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of post_message. */
export interface PostMessageParameters {
  readonly room: string;
  readonly message: string;
  readonly key?: string | undefined;
}

/** The results of post_message, in the order in which they are sent. */
export interface PostMessageResults {
  /** the room's name */
  readonly room: string;
  /** the message's id in the room */
  readonly id: number;
  /** the id of the message before it, 0 for the first */
  readonly prev: number;
  /** true if the key was known and nothing was stored */
  readonly duplicate?: boolean | undefined;
}

/** The spec of post_message. */
export const postMessage: CommandSpec = {
  name: 'post_message',
  edition: 2,
  summary: 'Send a message to a room without joining it. It makes no room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
  user: 'own',
  cost: 2,
  budget: 'message',
  keyed: true,
  pipelined: true,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'message', field: 'message', required: true },
    { name: 'key', field: 'key', required: false },
  ],
  codes: [11, 12, 18],
};
