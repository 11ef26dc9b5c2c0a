// Generated from protocol/operator/commands/show_room.json by `npm run generate`. Change it there, not here.

/** The parameters of show_room. */
export interface ShowRoomParameters {
  readonly room: string;
}

/** The results of show_room, in the order in which they are sent. */
export interface ShowRoomResults {
  /** the room's name */
  readonly room: string;
  /** its topic */
  readonly topic: string;
  /** `open`, `closed` or `deleted` */
  readonly state: 'open' | 'closed' | 'deleted';
  /** names of the owners */
  readonly owners: readonly string[];
  /** names of the users in it now, twenty at most */
  readonly users: readonly string[];
  /** how many users are in it now */
  readonly count: number;
  /** when it was created */
  readonly created: string;
  /** names of the moderators, twenty at most */
  readonly moderators: readonly string[];
  /** names of the muted users, twenty at most */
  readonly muted: readonly string[];
}
