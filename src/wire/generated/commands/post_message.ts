// Generated from protocol/commands/post_message.json by `npm run generate`. Change it there, not here.

/** The parameters of post_message. */
export interface PostMessageParameters {
  readonly room: string;
  readonly message: string;
  readonly key?: string | undefined;
  readonly kind?: 'action' | 'notice' | 'reply' | 'edit' | 'reaction' | undefined;
  readonly re?: number | undefined;
}

/** The results of post_message, in the order in which they are sent. */
export interface PostMessageResults {
  /** the room's name */
  readonly room: string;
  /** the message's id in the room */
  readonly id: number;
  /** the id of the message before it, 0 for the first */
  readonly prev: number;
  /** true if the key was known and nothing was stored */
  readonly duplicate?: boolean | undefined;
}
