// Who reads, and who does not. Node.js says of a write only that all of it has gone, which may be minutes after the client
// took the first byte. So before anybody is given up, this looks at what is really left: in the runtime's queue, which
// shrinks with each part that the kernel takes, and in the kernel's, which shrinks with each part that the other end takes.
import type { Socket } from 'node:net';
import { readKernelQueues, type KernelQueue } from './kernel-queues.js';

/** Looks are a tenth of the limit apart, and no more than a second; with milliseconds as the shortest. */
const looksPerLimit = 10;
const [shortestPause, longestPause] = [50, 1000];

/** Of the time, at most one part in so many is spent with looking: with 20,000 sockets one look takes some 50 ms. */
const pausePerLook = 20;

/** A connection that has something to send. */
export interface Reader {
  /** What the bytes go through: of an encrypted connection the socket under it. */
  readonly raw: Socket;
  /** Nothing was taken for the limit. It is not watched any more. */
  onStalled(): void;
  /** All is with the other end, as far as can be seen. Told at every look at which that is so. */
  onDelivered(): void;
}

interface Watch {
  readonly limit: number;
  /** When it was last known to read, of the monotonic clock. */
  since: number;
  /** What was left then; undefined before the first look. */
  left: string | undefined;
}

export class StallWatch<Item extends Reader> {
  readonly #read: (sockets: Iterable<Socket>) => Promise<ReadonlyMap<Socket, KernelQueue>>;
  readonly #watches = new Map<Item, Watch>();
  readonly #pause: number;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  /** @param limit milliseconds, for which looking is often enough @param read what the kernel holds; for tests another one */
  constructor(limit: number, read = readKernelQueues) {
    this.#pause = Math.min(longestPause, Math.max(shortestPause, limit / looksPerLimit));
    this.#read = read;
  }

  /** Begins to watch, or begins anew since the other end is known to read: from now on nothing may be taken for `limit` milliseconds. */
  begin(item: Item, limit: number): void {
    this.#watches.set(item, { limit, since: performance.now(), left: undefined });
    this.#schedule(this.#pause);
  }

  /** It needs no watching any more. */
  end(item: Item): void {
    this.#watches.delete(item);
  }

  /** Milliseconds since the item was last known to read; 0 if it is not watched. */
  quietFor(item: Item): number {
    const watch = this.#watches.get(item);
    return watch === undefined ? 0 : performance.now() - watch.since;
  }

  /** Looks at all who are watched. Fulfils when what was seen has been told. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => { this.#looking = undefined; });
    return this.#looking;
  }

  #schedule(milliseconds: number): void {
    this.#timer ??= setTimeout(() => void this.#tick(), milliseconds).unref();
  }

  async #tick(): Promise<void> {
    const begun = performance.now();
    // Who waits for a moment only, as busy clients do, is not worth a look.
    const isDue = ({ since, left, limit }: Watch): boolean => begun - since >= (left === undefined ? this.#pause : limit);
    if (Array.from(this.#watches.values()).some(isDue)) await this.look();
    this.#timer = undefined;
    if (this.#watches.size > 0) this.#schedule(Math.max(this.#pause, pausePerLook * (performance.now() - begun)));
  }

  async #look(): Promise<void> {
    const begun = performance.now();
    const watches = [...this.#watches];
    const queues = await this.#read(watches.map(([{ raw }]) => raw));
    for (const [item, watch] of watches) {
      // It may have ended meanwhile, or begun anew.
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

/** Bytes that the kernel has not taken yet. Node.js' own timeout for sockets goes by the same number (`_onTimeout` in its lib/net.js). */
function runtimeQueue(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return handle?.writeQueueSize ?? 0;
}
