// Generated from protocol/operator/commands/list_rooms.json by `npm run generate`. Change it there, not here.

/** The parameters of list_rooms. */
export interface ListRoomsParameters {
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
}

/** The results of list_rooms, in the order in which they are sent. */
export interface ListRoomsResults {
  /** one object per room: room, state (open or closed), users (how many are in it now), topic */
  readonly rooms: readonly {
    /** the room's name */
    readonly room: string;
    /** whether it may be entered */
    readonly state: 'open' | 'closed' | 'deleted';
    /** how many users are in it now */
    readonly users: number;
    /** its topic, empty if none is set */
    readonly topic: string;
  }[];
  /** whether there are more rooms */
  readonly more: boolean;
}
