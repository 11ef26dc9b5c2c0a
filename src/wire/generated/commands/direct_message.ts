// Generated from protocol/commands/direct_message.json by `npm run generate`. Change it there, not here.

/** The parameters of direct_message. */
export interface DirectMessageParameters {
  readonly to: string;
  readonly message: string;
  readonly key?: string | undefined;
  readonly kind?: 'action' | 'notice' | 'reply' | 'edit' | 'reaction' | undefined;
  readonly re?: number | undefined;
}

/** The results of direct_message, in the order in which they are sent. */
export interface DirectMessageResults {
  /** the message's id in the conversation */
  readonly id: number;
  /** the id of the message before it, 0 for the first */
  readonly prev: number;
  /** true if the key was known and nothing was stored */
  readonly duplicate?: boolean | undefined;
}
