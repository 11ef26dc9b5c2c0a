// Generated from protocol/commands/list_chatrooms.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of list_chatrooms. */
export interface ListChatroomsParameters {
  readonly match?: string | undefined;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_chatrooms, in the order in which they are sent. */
export interface ListChatroomsResults {
  /** one object per room: name, count (users in it), topic */
  readonly rooms: readonly {
    /** the room's name */
    readonly name: string;
    /** how many users are in it */
    readonly count: number;
    /** its topic, empty if none is set */
    readonly topic: string;
  }[];
  /** whether there are more rooms */
  readonly more: boolean;
}

/** The spec of list_chatrooms. */
export const listChatrooms: CommandSpec = {
  name: 'list_chatrooms',
  summary: 'List the rooms whose name contains `match` (case is ignored), in the order of their folded names. `after` continues after the room of that name.',
  user: 'own',
  cost: 40,
  parameters: [
    { name: 'match', field: 'short_text', required: false },
    { name: 'after', field: 'room', required: false },
    { name: 'limit', field: 'limit', required: false },
  ],
  codes: [],
};
