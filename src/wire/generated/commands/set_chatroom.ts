// Generated from protocol/commands/set_chatroom.json by `npm run generate`. Change it there, not here.

/** The parameters of set_chatroom. */
export interface SetChatroomParameters {
  readonly room: string;
  readonly password?: string | undefined;
  readonly members_only?: boolean | undefined;
  readonly moderated?: boolean | undefined;
  readonly hidden?: boolean | undefined;
  readonly max_users?: number | undefined;
  readonly slow_seconds?: number | undefined;
  readonly keep_seconds?: number | undefined;
  readonly keep_messages?: number | undefined;
  readonly welcome?: string | undefined;
}

/** The results of set_chatroom, in the order in which they are sent. */
export interface SetChatroomResults {
  /** whether a join is asked for a password */
  readonly password: boolean;
  /** whether only members may enter */
  readonly members_only: boolean;
  /** whether only owners and moderators may speak */
  readonly moderated: boolean;
  /** whether the room is listed to its members alone */
  readonly hidden: boolean;
  /** how many users may be in it at once, 0 for no limit */
  readonly max_users: number;
  /** seconds between two messages of a user, 0 for none */
  readonly slow_seconds: number;
  /** seconds for which messages are kept, 0 for ever */
  readonly keep_seconds: number;
  /** how many messages are kept, 0 for all */
  readonly keep_messages: number;
  /** what whoever joins is told, empty if nothing is set */
  readonly welcome: string;
}
