// Generated from protocol/commands/list_chatrooms.json by `npm run generate`. Change it there, not here.

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
