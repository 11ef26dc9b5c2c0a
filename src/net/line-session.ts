// What a connection has at its inner end, as far as the connection has to know it.
import type { Refusal } from '../wire/refusal.js';

/** Why a connection ended, in event 102's words. */
export type EndReason = 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** What is at the inner end of a connection. */
export interface LineSession {
  /** Whether the next frame may come · all that came is answered · the client asked for the end · it has said who it is. */
  readonly ready: boolean;
  readonly idle: boolean;
  readonly quitting: boolean;
  readonly authenticated: boolean;
  receive(frame: string | Refusal): void;
  /** The session has ended. The connection may stay for a while, until the client has read the last lines. */
  end(reason: EndReason): void;
  /** The connection is gone, after `end`. */
  closed(): void;
}
