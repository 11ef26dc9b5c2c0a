// The interface of a log whose messages are shown to members. Rooms implement it (room.ts), and delivery.ts shows
// messages by it. Private conversations have no members: private-delivery.ts shows theirs.
import type { Author, FollowedLog } from '../store/log.js';
import type { Shape } from './encode-messages.js';
import type { Speaks } from './speaks.js';

/** A member of a conversation, as delivery sees it. */
export interface Listener {
  /** During a delivery: how many of the commit's lines for this conversation it has got, its own messages counted. */
  cursor: number;
  /** Whether it still gets events: until it is out and all its posts are answered. */
  readonly receivesEvents: boolean;
  /** Which events it reads, and how. */
  readonly speaks: Speaks;
  event(line: Buffer | string): void;
}

/** A log whose messages are shown to members. */
export interface Conversation {
  readonly log: FollowedLog;
  /** The name as JSON, encoded once for all lines. */
  readonly json: string;
  readonly name: string;
  /** That of the lines of its messages (event 100). */
  readonly shape: Shape;
  /** Those who get its events. */
  readonly members: ReadonlySet<Listener>;
  /**
   * Tells the members who came and went. Comes before messages: a user's messages come after its `user_joined`.
   * @param authors those of the messages
   */
  tellNews(authors?: Iterable<Author>): void;
}
