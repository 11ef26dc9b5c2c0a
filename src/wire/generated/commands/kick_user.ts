// Generated from protocol/commands/kick_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of kick_user. */
export interface KickUserParameters {
  readonly room: string;
  readonly user: string;
  readonly reason?: string | undefined;
}

/** The results of kick_user, in the order in which they are sent. */
export type KickUserResults = object;

/** The spec of kick_user. */
export const kickUser: CommandSpec = {
  name: 'kick_user',
  edition: 2,
  summary: 'Put a user out of a room, and end its membership or invitation. It may come back as others may.',
  user: 'own',
  room: 'joined',
  target: 'user',
  role: 'moderator',
  outranks: 'others',
  cost: 10,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'reason', field: 'short_text', required: false },
  ],
  codes: [10, 11, 12],
};
