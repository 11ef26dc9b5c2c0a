// Generated from protocol/commands/set_topic.json by `npm run generate`. Change it there, not here.

/** The parameters of set_topic. */
export interface SetTopicParameters {
  readonly room: string;
  readonly topic: string;
}

/** The results of set_topic, in the order in which they are sent. */
export type SetTopicResults = object;
