// Generated from protocol/commands/set_topic.json by `npm run generate`. Change it there, not here.
import type { CommandSpec } from '../../spec.js';

/** The parameters of set_topic. */
export interface SetTopicParameters {
  readonly room: string;
  readonly topic: string;
}

/** The results of set_topic, in the order in which they are sent. */
export type SetTopicResults = object;

/** The spec of set_topic. */
export const setTopic: CommandSpec = {
  name: 'set_topic',
  edition: 2,
  summary: 'Set the topic of a room. An empty one takes it away.',
  user: 'own',
  room: 'joined',
  role: 'moderator',
  cost: 10,
  parameters: [{ name: 'room', field: 'room', required: true }, { name: 'topic', field: 'short_text', required: true }],
  codes: [10, 12],
};
