// Generated from protocol/commands/ban_user.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of ban_user. */
export interface BanUserParameters {
  readonly room: string;
  readonly user: string;
  readonly duration?: number | undefined;
  readonly reason?: string | undefined;
}

/** The results of ban_user, in the order in which they are sent. */
export type BanUserResults = object;

/** The spec of ban_user. */
export const banUser: CommandSpec = {
  name: 'ban_user',
  edition: 2,
  summary: 'Ban a user from a room, for a time or until `unban_user`, and put it out. A ban takes the rank of an owner or a moderator. A second ban replaces the first.',
  user: 'own',
  room: 'joined',
  target: 'user',
  role: 'moderator',
  outranks: 'others',
  cost: 10,
  parameters: [
    { name: 'room', field: 'room', required: true },
    { name: 'user', field: 'username', required: true },
    { name: 'duration', field: 'duration', required: false },
    { name: 'reason', field: 'short_text', required: false },
  ],
  codes: [10, 11, 12],
};
