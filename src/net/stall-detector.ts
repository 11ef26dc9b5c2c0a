// Tells a client that reads slowly from one that does not read. Node.js reports a write only when all of it has gone, which may
// be minutes after the client took the first byte. So before a client is closed, this looks at what is really left: in the
// runtime's queue, which shrinks whenever the kernel takes some, and in the kernel's, which shrinks whenever the client does.
import type { Socket } from 'node:net';
import { readKernelQueues, type KernelQueue } from './kernel-queues.js';

/** The pause between two looks is a tenth of the limit, within these bounds. Milliseconds. */
const looksPerLimit = 10;
const [shortestPause, longestPause] = [50, 1000];

/**
 * A look at 20,000 sockets takes some 50 ms. The pause after a look is this many times as long as the look, but never
 * longer than the usual limit: where the threads that read files are busy, a look may take seconds.
 */
const pausePerLook = 20;

/** A connection that has something to deliver. */
export interface WatchedConnection {
  /** The TCP or Unix socket. For an encrypted connection, the one under TLS. */
  readonly raw: Socket;
  /** The client took nothing for the whole limit. The item is not watched any more. */
  onStalled(): void;
  /** Neither queue holds anything. Called after every look that finds it so. */
  onDelivered(): void;
}

interface Watch {
  readonly limit: number;
  /** When the client was last known to read, on the monotonic clock. */
  since: number;
  /** What the last look found; undefined before the first look. */
  left: string | undefined;
}

export class StallDetector<Item extends WatchedConnection> {
  readonly #read: (sockets: Iterable<Socket>) => Promise<ReadonlyMap<Socket, KernelQueue>>;
  readonly #watches = new Map<Item, Watch>();
  readonly #pause: number;
  readonly #limit: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** @param limit the usual limit in milliseconds, by which the pauses go @param read tells what the kernel holds */
  constructor(limit: number, read = readKernelQueues) {
    this.#pause = Math.min(longestPause, Math.max(shortestPause, limit / looksPerLimit));
    this.#limit = limit;
    this.#read = read;
  }

  /** Watches the item from now on: if the client takes nothing for `limit` milliseconds it is stalled. Restarts a running watch. */
  begin(item: Item, limit: number): void {
    this.#watches.set(item, { limit, since: performance.now(), left: undefined });
    this.#schedule(this.#pause);
  }

  /** Stops watching the item. */
  end(item: Item): void {
    this.#watches.delete(item);
  }

  /** Milliseconds since the item's client was last known to read; 0 if it is not watched. */
  quietFor(item: Item): number {
    const watch = this.#watches.get(item);
    return watch === undefined ? 0 : performance.now() - watch.since;
  }

  /** Looks at all watched items now, and makes the calls that follow. Fulfils after them. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => void this.#tick(), milliseconds).unref();
  }

  async #tick(): Promise<void> {
    const begun = performance.now();
    // Busy clients often wait for a moment: they are not worth a look.
    const isDue = ({ since, left, limit }: Watch): boolean =>
      begun - since >= (left === undefined ? this.#pause : limit);
    if (Array.from(this.#watches.values()).some(isDue)) await this.look();
    this.#timer = undefined;
    const rest = Math.min(this.#limit, pausePerLook * (performance.now() - begun));
    if (this.#watches.size > 0) this.#schedule(Math.max(this.#pause, rest));
  }

  async #look(): Promise<void> {
    const begun = performance.now();
    const watches = [...this.#watches];
    const queues = await this.#read(watches.map(([{ raw }]) => raw));
    for (const [item, watch] of watches) {
      // The watch may have ended meanwhile, or restarted.
      if (this.#watches.get(item) === watch) this.#judge(item, watch, queues.get(item.raw), begun);
    }
  }

  #judge(item: Item, watch: Watch, queue: KernelQueue | undefined, begun: number): void {
    const unsent = runtimeQueue(item.raw);
    const left = `${unsent} ${queue?.sent ?? ''} ${queue?.unread ?? ''}`;
    if (left !== watch.left) {
      watch.left = left;
      watch.since = performance.now();
    } else if (begun - watch.since >= watch.limit) {
      this.#watches.delete(item);
      item.onStalled();
      return;
    }
    if (unsent + (queue?.sent ?? 0) === 0) item.onDelivered();
  }
}

/** Bytes that the kernel has not taken yet. Node.js' own socket timeout uses the same property (`_onTimeout` in lib/net.js). */
function runtimeQueue(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
