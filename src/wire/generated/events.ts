// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.
/** The codes of events (PROTOCOL.md §4). */
export const event = {
  message: 100,
  user_joined: 101,
  user_left: 102,
  removed: 106,
  past_message: 110,
  notice: 190,
  closing: 199,
} as const;
export type EventCode = (typeof event)[keyof typeof event];

/** The codes of events on an operator's connection. */
export const operatorEvent = {
  piece: 180,
} as const;
