// What connections are created with, and why the server closes one.
import type { ConnectionDeadlines, DeadlineItem } from './connection-deadlines.js';
import type { FlushScheduler } from './flush-scheduler.js';
import type { EndReason } from './line-session.js';
import type { StallDetector, WatchedConnection } from './stall-detector.js';

/** What all connections of an acceptor share. */
export interface ConnectionOptions<Item extends WatchedConnection & DeadlineItem> {
  /** The longest line in bytes, without its end. */
  readonly maxLineBytes: number;
  /** How many bytes of events may wait for one client. */
  readonly maxOutboxBytes: number;
  /** Milliseconds for which a client may take nothing while something waits for it. */
  readonly stallMilliseconds: number;
  readonly stalls: StallDetector<Item>;
  readonly deadlines: ConnectionDeadlines<Item>;
  readonly flushScheduler: FlushScheduler;
  /** Is told why the server closed a connection, in the words of the 199. */
  readonly onClosed: (reason: string) => void;
}

/** Why the server closes a connection. */
export interface CloseReason {
  /** The words of the 199. */
  readonly reason: string;
  /** The word of event 102, which the other members of a room get. */
  readonly because: EndReason;
  /** Milliseconds after which the client may come back; undefined if that makes no sense or nobody knows. */
  readonly retryAfter?: number | undefined;
}
