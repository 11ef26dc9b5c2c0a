// Where a generated line goes, and which command it may be.
import type { CommandName } from '../../src/wire/generated/parameters.js';
import type { Group } from './group.js';
import { weighted, type Random } from './random.js';
import type { Context } from './values.js';

export interface Target extends Context {
  readonly random: Random;
  readonly group: Group;
  /** A ref that no other line of the connection has. */
  readonly nextRef: () => number;
}

export type Command = Exclude<CommandName, 'quit' | 'log_out'>;

/** The dear ones seldom: a hash, a commit, or a look at all rooms. */
export const commands = weighted<Command>(
  [24, 'chatroom_message'],
  [80, 'ping'],
  [40, 'list_users'],
  [30, 'help'],
  [2, 'leave_chatroom'],
  [8, 'join_chatroom'],
  [6, 'chatroom_history'],
  [20, 'authenticate_user'],
  [6, 'get_server'],
  [1, 'create_user'],
  [1, 'list_chatrooms'],
);
