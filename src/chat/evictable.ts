// The interface of everything that can be evicted, and the contents of an eviction. Connections (net) and sessions
// implement it.
import type { Sentence } from '../wire/words.js';

/** Why somebody is evicted. */
export interface Eviction {
  /** For the 199, a sentence for a person. */
  readonly reason: Sentence;
  /** For event 102. */
  readonly because: 'kicked' | 'banned' | 'server';
  /** Milliseconds after which connecting again makes sense, if it does. */
  readonly retryAfter?: number | undefined;
}

/** A connection, a session or a login that can be ended from outside. */
export interface Evictable {
  /** Ends it at once. False where it has ended already. Then the client gets no more time to read its last lines. */
  evict(eviction: Eviction): boolean;
}
