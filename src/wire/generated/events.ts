// Generated from protocol/events.json and protocol/operator/events.json by `npm run generate`. Change it there, not here.
/** The codes of events, by name (PROTOCOL.md §4). */
export const event = {
  message: 100,
  user_joined: 101,
  user_left: 102,
  topic_changed: 103,
  direct_message: 104,
  message_deleted: 105,
  removed: 106,
  presence: 107,
  role_changed: 108,
  read: 109,
  past_message: 110,
  gap: 111,
  past_direct_message: 112,
  omitted: 113,
  notice: 190,
  alive: 191,
  closing: 199,
} as const;

/** A code of events. */
export type EventCode = (typeof event)[keyof typeof event];

/** The codes of events on an operator's connection, by name. */
export const operatorEvent = {
  piece: 180,
} as const;
