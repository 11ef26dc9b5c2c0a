// Generated from protocol/commands/direct_message.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of direct_message. */
export interface DirectMessageParameters {
  readonly to: string;
  readonly message: string;
  readonly key?: string | undefined;
  readonly kind?: 'action' | 'notice' | 'reply' | 'edit' | 'reaction' | undefined;
  readonly re?: number | undefined;
}

/** The results of direct_message, in the order in which they are sent. */
export interface DirectMessageResults {
  /** the message's id in the conversation */
  readonly id: number;
  /** the id of the message before it, 0 for the first */
  readonly prev: number;
  /** true if the key was known and nothing was stored */
  readonly duplicate?: boolean | undefined;
}

/** The spec of direct_message. */
export const directMessage: CommandSpec = {
  name: 'direct_message',
  edition: 2,
  summary: 'Send a private message to a user, who may be away. The reply 1 means that the message is on disk. With a `key` it is stored once, however often it is sent.',
  user: 'own',
  target: 'to',
  role: 'correspondent',
  cost: 2,
  budget: 'message',
  keyed: true,
  pipelined: true,
  parameters: [
    { name: 'to', field: 'username', required: true },
    {
      name: 'message',
      field: 'message',
      narrowed: { by: 'kind', to: 'reaction', field: 'reaction' },
      required: true,
    },
    { name: 'key', field: 'key', required: false },
    { name: 'kind', field: 'kind', required: false },
    { name: 're', field: 'id', required: false },
  ],
  codes: [11, 12, 18],
};
