// The deadlines of connections: ConnectionDeadlines are shared by all, ConnectionTimers starts and cancels them for
// one.
import { closedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';
import { Deadline } from '../loop/deadline.js';
import type { EndReason } from './line-session.js';

/** Milliseconds after which a client that was too slow may try again. */
export const slowClientRetryMilliseconds = 1000;

/** Milliseconds that a client has to close its side after the server did. Until then it costs a file descriptor. */
const closeMilliseconds = 5000;

/** A connection that can run out of time. */
export interface DeadlineItem {
  /** Answers the requests that came, sends a 199 with that reason, and closes. */
  finish(reason: Sentence, retryAfter: number, because: EndReason): void;
  /** Cuts the connection off. */
  destroy(): void;
}

/** The deadlines that every connection can run into. One object serves all connections. */
export interface ConnectionDeadlines<Item extends DeadlineItem> {
  /** For a guest to authenticate. */
  readonly login: Deadline<Item>;
  /** For a guest's line to end once it has begun. */
  readonly guestLine: Deadline<Item>;
  /** For a user's line to end once it has begun. Users may be typing, so they get more time. */
  readonly userLine: Deadline<Item>;
  /** For a client to close its side once it has received everything. */
  readonly close: Deadline<Item>;
  /**
   * For a guest to read its last lines and close. Otherwise a guest that reads a byte now and then could stay for ever.
   */
  readonly guestClose: Deadline<Item>;
}

/** Creates the deadlines of all connections. The settings' times are in milliseconds. */
export function createConnectionDeadlines<Item extends DeadlineItem>({
  login,
  guestLine,
  userLine,
}: {
  readonly login: number;
  readonly guestLine: number;
  readonly userLine: number;
}): ConnectionDeadlines<Item> {
  const finishAfter = (milliseconds: number, reason: Sentence): Deadline<Item> =>
    new Deadline(milliseconds, (item) => item.finish(reason, slowClientRetryMilliseconds, 'timeout'));
  const destroyAfter = (milliseconds: number): Deadline<Item> => new Deadline(milliseconds, (item) => item.destroy());
  return {
    login: finishAfter(login, closedFor.login),
    guestLine: finishAfter(guestLine, closedFor.line),
    userLine: finishAfter(userLine, closedFor.line),
    close: destroyAfter(closeMilliseconds),
    guestClose: destroyAfter(login),
  };
}

/** Starts and cancels the deadlines of one connection as it goes through its states. */
export class ConnectionTimers<Item extends DeadlineItem> {
  readonly #item: Item;
  readonly #deadlines: ConnectionDeadlines<Item>;
  /** The deadline of the line that has begun; undefined between lines. */
  #line: Deadline<Item> | undefined;
  #isLoginRunning = false;

  constructor(item: Item, deadlines: ConnectionDeadlines<Item>) {
    this.#item = item;
    this.#deadlines = deadlines;
  }

  /** Runs the login deadline while the session is a guest's. A session that logs out becomes a guest's again. */
  setGuest(isGuest: boolean): void {
    if (isGuest === this.#isLoginRunning) return;
    this.#isLoginRunning = isGuest;
    if (isGuest) this.#deadlines.login.start(this.#item);
    else this.#deadlines.login.cancel(this.#item);
  }

  /** Whether the deadline of a line runs. */
  get hasLine(): boolean {
    return this.#line !== undefined;
  }

  /** Starts the deadline of a line that has begun. Does nothing if it runs already. */
  startLine(isAuthenticated: boolean): void {
    if (this.#line !== undefined) return;
    this.#line = isAuthenticated ? this.#deadlines.userLine : this.#deadlines.guestLine;
    this.#line.start(this.#item);
  }

  /** Cancels the deadline of a line that has ended. */
  endLine(): void {
    this.#line?.cancel(this.#item);
    this.#line = undefined;
  }

  /** Starts the deadline for a guest to read its last lines and close. */
  startGuestClose(): void {
    this.#deadlines.guestClose.start(this.#item);
  }

  /** Starts the deadline for a client that has received everything to close its side. */
  startClose(): void {
    this.#deadlines.close.start(this.#item);
  }

  /** Cancels all deadlines of the connection. */
  cancelAll(): void {
    this.endLine();
    this.#deadlines.login.cancel(this.#item);
    this.#deadlines.close.cancel(this.#item);
    this.#deadlines.guestClose.cancel(this.#item);
  }
}
