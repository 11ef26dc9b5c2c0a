// Knows in which order connections were last heard, and closes the one that was silent longest when a new one needs its
// place. It serves operators' connections: programs that connect and say nothing must not lock the others out.
import { closedFor } from '../wire/reasons.js';
import type { Place } from './admission.js';
import type { Connection } from './connection.js';

/**
 * Milliseconds for which a client that is owed something may read nothing before it gives way like an idle one. A
 * backup into a slow pipe pauses for some time too.
 */
const unreadMilliseconds = 60_000;

/** The open connections of an acceptor, the one that was silent longest first. They are not encrypted. */
export class IdleConnections {
  readonly #places = new Map<Connection, Place>();

  /** Adds a connection that was opened, and the place that it takes. */
  add(connection: Connection, place: Place): void {
    this.#places.set(connection, place);
    connection.raw.on('data', () => {
      if (this.#places.delete(connection)) this.#places.set(connection, place);
    });
  }

  /** Removes a connection that is closed. */
  delete(connection: Connection): void {
    this.#places.delete(connection);
  }

  /**
   * Closes the connection that was silent longest and has no command to be answered, or else the first one that has
   * read nothing for a minute. Its place is free when this returns. Returns false if there is none.
   */
  giveWay(): boolean {
    const connections = Array.from(this.#places.keys());
    const idle = connections.find(
      ({ session, outbox, raw }) => session.idle && outbox.bytes + raw.writableLength === 0,
    );
    const chosen = idle ?? connections.find(({ quietMilliseconds }) => quietMilliseconds > unreadMilliseconds);
    if (chosen === undefined) return false;
    const place = this.#places.get(chosen);
    chosen.cutOff({ reason: closedFor.idleOperator, because: 'server' });
    place?.leave();
    this.#places.delete(chosen);
    return true;
  }
}
