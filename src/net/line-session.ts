// The session as a connection sees it: it takes frames, and tells when it is ready for the next one.
import type { Payer } from '../turns/payer.js';
import type { LineFormat } from '../wire/format.js';
import type { Refusal } from '../wire/refusal.js';

/** Why a connection ended, as event 102 names it. */
export type EndReason = 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** The session of one connection: a client's, or an operator's. */
export interface LineSession extends Payer {
  /** How the session's lines are written. */
  readonly format: LineFormat;
  /** Whether the session can take the next frame. */
  readonly ready: boolean;
  /** Whether everything that was received is answered. */
  readonly idle: boolean;
  /** Whether the client asked for the end of the connection. */
  readonly quitting: boolean;
  /** Whether the session is a user's, not a guest's. */
  readonly authenticated: boolean;
  /** Takes one line, or the refusal of a line that the framer could not read. Called only while `ready`. */
  receive(frame: string | Refusal): void;
  /** Ends the session. The connection may stay open until the client has read its last lines. */
  end(reason: EndReason): void;
  /** The connection is closed. Called once, after `end`. */
  closed(): void;
}
