// The options of connections, and the reason with which the server closes one.
import type { ConnectionDeadlines, DeadlineItem } from './connection-deadlines.js';
import type { FlushScheduler } from './flush-scheduler.js';
import type { GuestReading } from './guest-reading.js';
import type { Keepalives } from './keepalives.js';
import type { EndReason } from './line-session.js';
import type { MemoryBudget } from './memory-budget.js';
import type { StallDetector, WatchedConnection } from './stall-detector.js';
import type { TurnScheduler, TurnTaker } from './turn-scheduler.js';
import type { Sentence } from '../wire/words.js';

/**
 * Milliseconds for which a client of a Unix socket may read nothing, at least. It is long because the kernel does not
 * show the queue of a Unix socket, and takes more only after some 160 KB were read: a slow line behind the client, or a
 * backup into a slow pipe, would look stalled.
 */
export const socketStallMilliseconds = 600_000;

/** The options that all connections of an acceptor share. */
export interface ConnectionOptions<Item extends WatchedConnection & DeadlineItem & TurnTaker> {
  /** The longest line in bytes, without its end. */
  readonly maxLineBytes: number;
  /** The most bytes of events that may wait for one client. */
  readonly maxOutboxBytes: number;
  /** Bytes of lines that may wait for a guest while its requests are carried out. */
  readonly guestReplyBytes: number;
  /** Milliseconds for which a client may take nothing while something waits for it. */
  readonly stallMilliseconds: number;
  readonly stalls: StallDetector<Item>;
  readonly deadlines: ConnectionDeadlines<Item>;
  readonly keepalives: Keepalives;
  readonly flushScheduler: FlushScheduler;
  /** Counts the bytes that all connections keep. */
  readonly memory: MemoryBudget;
  readonly turns: TurnScheduler<Item>;
  readonly guestReading: GuestReading;
  readonly together: EndTogether;
  /** Called when the server closes a connection, with the reason that its 199 gives. */
  readonly onClosed: (reason: Sentence) => void;
}

/**
 * Calls `end` for each of those that end together: in parts where they are many, and so that none of them is told of
 * the others. Fulfils when it was called for all.
 */
export type EndTogether = <One>(all: Iterable<One>, end: (one: One) => void) => Promise<void>;

/** Why the server closes a connection. */
export interface CloseReason {
  /** What the 199 says. */
  readonly reason: Sentence;
  /** The reason in event 102, which the other members of a room get. */
  readonly because: EndReason;
  /** Milliseconds after which the client may come back; undefined if that makes no sense or nobody knows. */
  readonly retryAfter?: number | undefined;
}

/** The place of a connection, which it may have to give to another one: as a guest sooner than as a user. */
export interface GuestPlace {
  /** Reports whether the connection is a guest's. May be called again with the same answer. */
  setGuest(isGuest: boolean): void;
  /** Reports that something came from the client. */
  heard(): void;
}
