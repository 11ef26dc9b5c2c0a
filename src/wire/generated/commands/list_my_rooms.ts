// Generated from protocol/commands/list_my_rooms.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of list_my_rooms. */
export interface ListMyRoomsParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_my_rooms, in the order in which they are sent. */
export interface ListMyRoomsResults {
  /** one object per room: name, count (users in it), last, read, unread, role */
  readonly rooms: readonly {
    /** the room's name */
    readonly name: string;
    /** how many users are in it */
    readonly count: number;
    /** the id of its newest message, 0 for none */
    readonly last: number;
    /** the last message that you have marked as read, 0 for none */
    readonly read: number;
    /** how many messages of others came after it */
    readonly unread: number;
    /** what you are in the room */
    readonly role: 'owner' | 'moderator' | 'member' | 'muted';
  }[];
  /** whether there are more rooms */
  readonly more: boolean;
}

/** The spec of list_my_rooms. */
export const listMyRooms: CommandSpec = {
  name: 'list_my_rooms',
  edition: 2,
  summary: 'List the rooms that you have joined and not left, connected or not, in the order of their folded names. `after` continues after the room of that name.',
  user: 'own',
  cost: 10,
  parameters: [{ name: 'after', field: 'room', required: false }, { name: 'limit', field: 'limit', required: false }],
  codes: [],
};
