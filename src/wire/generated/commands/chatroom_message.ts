// Generated from protocol/commands/chatroom_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of chatroom_message. */
export interface ChatroomMessageParameters {
  readonly username: string;
  readonly room: string;
  readonly message: string;
  readonly key?: string | undefined;
  readonly kind?: 'action' | 'notice' | 'reply' | 'edit' | 'reaction' | undefined;
  readonly re?: number | undefined;
}

/** The results of chatroom_message, in the order in which they are sent. */
export interface ChatroomMessageResults {
  /** the room's name */
  readonly room: string;
  /** the message's id in the room */
  readonly id: number;
  /** the id of the message before it, 0 for the first */
  readonly prev: number;
  /** true if the key was known and nothing was stored */
  readonly duplicate?: boolean | undefined;
}

/** The spec of chatroom_message. */
export const chatroomMessage: CommandSpec = {
  name: 'chatroom_message',
  summary: 'Send a message to a room. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
  user: 'own',
  room: 'joined',
  role: 'speaker',
  cost: 1,
  budget: 'message',
  keyed: true,
  pipelined: true,
  parameters: [
    { name: 'username', field: 'username', required: true },
    { name: 'room', field: 'room', required: true },
    {
      name: 'message',
      field: 'message',
      narrowed: { by: 'kind', to: 'reaction', field: 'reaction' },
      required: true,
    },
    { name: 'key', field: 'key', required: false },
    { name: 'kind', field: 'kind', required: false, edition: 2 },
    { name: 're', field: 'id', required: false, edition: 2 },
  ],
  codes: [10, 11, 12, 18],
};
