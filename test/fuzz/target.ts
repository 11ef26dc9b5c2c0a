// What makes a line is given a target: where the line goes, and the chance that shapes it.
import type { CommandName } from '../../src/wire/generated/parameters.js';
import type { Group } from './group.js';
import { weighted, type Random } from './random.js';
import type { Context } from './values.js';

/** Where generated lines go, and what they are made with. */
export interface Target extends Context {
  readonly random: Random;
  readonly group: Group;
  /** A ref that no other line of the connection has. */
  readonly nextRef: () => number;
}

/** A command that does not end the session. */
export type Command = Exclude<CommandName, 'quit' | 'log_out'>;

/** Weighted by what they cost: those that need a hash, a commit or a look at all rooms are rare. */
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
