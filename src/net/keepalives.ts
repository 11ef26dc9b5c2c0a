// Signs of life, for the sessions that ask for them (PROTOCOL.md §8.4): a line goes out where none did for so many
// seconds, and a client from which nothing came for two and a half times as long is closed. One timer serves all
// sessions, and each of them is looked at a few times a minute, whatever it sends and is sent. A session that does not
// ask for it has no object here.
import { Wheel, type WheelItem } from '../loop/wheel.js';

/** A client is silent for too long after this many times the pause after which it gets a sign of life. */
const silentPauses = 2.5;

/**
 * Milliseconds that a look may be late where the process runs as it should. A longer time was nobody's silence: what
 * clients sent meanwhile was not read.
 */
const usuallyLate = 1000;

/** A connection as it is looked at. */
export interface KeptConnection {
  /** Whether what its client sends is read at once, and nothing of it waits for an answer. */
  readonly isListening: boolean;
  /** Whether lines wait or are on their way to it. */
  readonly hasLines: boolean;
  /** Sends a sign of life. */
  sayAlive(): void;
  /** Closes the connection, because nothing came from the client for too long. */
  onSilent(): void;
}

/** The sign of life that one session asked for. */
export class Keepalive implements WheelItem {
  slot = -1;
  /** When a line went out last, and when something came last or could not come, on the monotonic clock. */
  sentAt = performance.now();
  heardAt = this.sentAt;
  /** Whether the client was silent at the last look. What it sent may not have been read then. */
  isSuspect = false;
  isStopped = false;

  /** @param pause milliseconds without a line after which a sign of life goes out */
  constructor(
    readonly connection: KeptConnection,
    readonly pause: number,
  ) {}

  /** Lines have gone out. */
  wrote(): void {
    this.sentAt = performance.now();
  }

  /** Something came from the client, or the server begins to read it again. */
  heard(): void {
    this.heardAt = performance.now();
  }

  /** When the client will have been silent for too long. */
  get silentAt(): number {
    return this.heardAt + silentPauses * this.pause;
  }
}

/** What it takes from its surroundings. */
export interface KeepaliveSurroundings {
  /** Calls `act` for each, in parts where they are many. Undefined, or a promise that fulfils when it has. */
  readonly each: <One>(all: Iterable<One>, act: (one: One) => void) => Promise<void> | undefined;
  /** As `EndTogether`. */
  readonly together: <One>(all: Iterable<One>, end: (one: One) => void) => Promise<void>;
}

/** The signs of life of all sessions that asked for them. */
export class Keepalives {
  readonly #surroundings: KeepaliveSurroundings;
  readonly #wheel = new Wheel<Keepalive>((due, late) => void this.#lookAtAll(due, late));

  constructor(surroundings: KeepaliveSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Starts to look after a connection. @param pause milliseconds without a line after which a sign of life goes out */
  start(connection: KeptConnection, pause: number): Keepalive {
    const keepalive = new Keepalive(connection, pause);
    this.#wheel.add(keepalive, keepalive.sentAt + pause);
    return keepalive;
  }

  /** Looks after a connection no more. */
  stop(keepalive: Keepalive): void {
    keepalive.isStopped = true;
    this.#wheel.delete(keepalive);
  }

  async #lookAtAll(due: readonly Keepalive[], late: number): Promise<void> {
    const { each, together } = this.#surroundings;
    if (late > usuallyLate) for (const keepalive of [...due, ...this.#wheel]) keepalive.heardAt += late;
    const silent: Keepalive[] = [];
    await each(due, (keepalive) => {
      if (this.#look(keepalive)) silent.push(keepalive);
    });
    if (silent.length === 0) return;
    await together(silent, (keepalive) => {
      if (keepalive.isStopped) return;
      // It may have been heard while others were closed.
      if (performance.now() >= keepalive.silentAt) keepalive.connection.onSilent();
      else this.#wheel.add(keepalive, keepalive.silentAt);
    });
  }

  /** Says that the server is alive if it is time to. Returns whether the client was silent for too long. */
  #look(keepalive: Keepalive): boolean {
    const { connection, pause, isStopped } = keepalive;
    if (isStopped) return false;
    const now = performance.now();
    if (!connection.isListening) keepalive.heardAt = now;
    const isSilent = now >= keepalive.silentAt;
    if (isSilent && keepalive.isSuspect) return true;
    keepalive.isSuspect = isSilent;
    if (now - keepalive.sentAt >= pause) {
      // Where lines wait for the client, another one would tell it nothing.
      if (!connection.hasLines) connection.sayAlive();
      keepalive.sentAt = now;
    }
    // A silent one is looked at again at once, that is in the next slot.
    this.#wheel.add(keepalive, Math.min(keepalive.sentAt + pause, keepalive.silentAt));
    return false;
  }
}
