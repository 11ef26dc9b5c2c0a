// Tells a client that reads slowly from one that does not read. Node.js reports a write only when all of it has gone,
// which may be minutes after the client took the first byte. So before a client is closed, this compares the queues
// with those of the last check: the runtime's shrinks when the kernel takes bytes, the kernel's when the client does.
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { readKernelQueues, type KernelQueue } from './kernel-queues.js';

/** How many checks fit into the limit. The pause between two checks is a tenth of it, within the bounds below. */
const checksPerLimit = 10;

/** The bounds of the pause between two checks, in milliseconds. */
const [shortestPause, longestPause] = [50, 1000];

/**
 * The pause after a check is at least this many times as long as the check, but never longer than the usual limit. A
 * check of 20,000 sockets takes some 50 ms, or seconds if the threads that read files are busy.
 */
const pausePerCheck = 20;

/** How many items are judged in a turn of the event loop, and how many are given up in one: those are closed then. */
const [judgedAtOnce, givenUpAtOnce] = [256, 16];

/** A connection that has something to deliver. */
export interface WatchedConnection {
  /** The TCP or Unix socket. For an encrypted connection, the one under TLS. */
  readonly raw: Socket;
  /** The client took nothing for as long as the limit. The connection is no longer watched. */
  onStalled(): void;
  /** Both queues are empty. Called after every check that finds them empty. */
  onDelivered(): void;
}

interface Watch {
  /** Milliseconds for which the client may take nothing. */
  readonly limit: number;
  /** When the client was last known to read, on the monotonic clock. */
  since: number;
  /** The queues' sizes at the last check, as text to compare; undefined before the first check. */
  queued: string | undefined;
}

/** Watches connections that have something to deliver, and reports those whose clients take nothing. */
export class StallDetector<Item extends WatchedConnection> {
  readonly #readQueues: (sockets: Iterable<Socket>) => Promise<ReadonlyMap<Socket, KernelQueue>>;
  readonly #watches = new Map<Item, Watch>();
  readonly #pause: number;
  readonly #usualLimit: number;
  #isScheduled = false;
  #checking: Promise<void> | undefined;

  /**
   * @param usualLimit milliseconds; the pauses between checks depend on it
   * @param readQueues reads the kernel's queue of each socket
   */
  constructor(usualLimit: number, readQueues = readKernelQueues) {
    this.#pause = Math.min(longestPause, Math.max(shortestPause, usualLimit / checksPerLimit));
    this.#usualLimit = usualLimit;
    this.#readQueues = readQueues;
  }

  /** Watches the item: it is stalled if its client takes nothing for `limit` milliseconds. Restarts a running watch. */
  watch(item: Item, limit: number): void {
    this.#watches.set(item, { limit, since: performance.now(), queued: undefined });
    this.#schedule(this.#pause);
  }

  /** Stops watching the item. */
  unwatch(item: Item): void {
    this.#watches.delete(item);
  }

  /** Milliseconds since the item's client was last known to read; 0 if the item is not watched. */
  quietMilliseconds(item: Item): number {
    const watch = this.#watches.get(item);
    return watch === undefined ? 0 : performance.now() - watch.since;
  }

  /** Checks all watched items now. Fulfils when their callbacks have been called. Joins a check that is under way. */
  check(): Promise<void> {
    this.#checking ??= this.#checkAll().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  #schedule(milliseconds: number): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => void this.#onTimer(), milliseconds).unref();
  }

  async #onTimer(): Promise<void> {
    const started = performance.now();
    // Busy clients often keep bytes waiting for a moment. They are not worth a check.
    const isDue = ({ since, queued, limit }: Watch): boolean =>
      started - since >= (queued === undefined ? this.#pause : limit);
    if (Array.from(this.#watches.values()).some(isDue)) await this.check();
    this.#isScheduled = false;
    const rest = Math.min(this.#usualLimit, pausePerCheck * (performance.now() - started));
    if (this.#watches.size > 0) this.#schedule(Math.max(this.#pause, rest));
  }

  async #checkAll(): Promise<void> {
    const started = performance.now();
    const watches = [...this.#watches];
    const queues = await this.#readQueues(watches.map(([{ raw }]) => raw));
    let [judged, givenUp] = [0, 0];
    for (const [item, watch] of watches) {
      if (judged === judgedAtOnce || givenUp === givenUpAtOnce) {
        await turn();
        [judged, givenUp] = [0, 0];
      }
      // The watch may have ended or restarted meanwhile.
      if (this.#watches.get(item) !== watch) continue;
      judged += 1;
      if (this.#judge(item, watch, queues.get(item.raw), started)) givenUp += 1;
    }
  }

  /** Judges an item by its queue. Returns whether it is given up. */
  #judge(item: Item, watch: Watch, queue: KernelQueue | undefined, started: number): boolean {
    const inRuntime = runtimeQueueBytes(item.raw);
    const queued = `${inRuntime} ${queue?.sent ?? ''} ${queue?.unread ?? ''}`;
    if (queued !== watch.queued) {
      watch.queued = queued;
      watch.since = performance.now();
    } else if (started - watch.since >= watch.limit) {
      this.#watches.delete(item);
      item.onStalled();
      return true;
    }
    if (inRuntime + (queue?.sent ?? 0) === 0) item.onDelivered();
    return false;
  }
}

/**
 * Bytes that the kernel has not taken yet. Node.js' own socket timeout reads the same property (`_onTimeout` in
 * lib/net.js).
 */
export function runtimeQueueBytes(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
