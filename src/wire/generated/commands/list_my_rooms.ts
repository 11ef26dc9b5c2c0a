// Generated from protocol/commands/list_my_rooms.json by `npm run generate`. Change it there, not here.

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
