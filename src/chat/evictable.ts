// What can be evicted, and what an eviction says. The connection (net) and the session implement it.

/** Why somebody is evicted. */
export interface Eviction {
  /** For the 199, a sentence for a person. */
  readonly reason: string;
  /** For event 102. */
  readonly because: 'kicked' | 'banned' | 'server';
  /** Milliseconds after which coming back makes sense, where it does. */
  readonly retryAfter?: number | undefined;
}

/** A connection, a session or a login that can be ended from outside. */
export interface Evictable {
  /** Ends it at once. False where it has ended already; then the client gets no more time to read its last lines. */
  evict(eviction: Eviction): boolean;
}
