// Reads the head of a log that is about to be followed. The head is right only if no message of this process is on its
// way to the log, and none was appended while it was read. An evicted member may have left one on its way.
import type { GatheredMessages } from './batch-builder.js';
import type { Batch } from './committer.js';
import type { LogId, NewMessage } from './log.js';

/** Knows which messages are on their way, and waits for them. */
export class HeadReader {
  readonly #gathered: Pick<GatheredMessages<NewMessage>, 'includes'>;
  /** Logs whose head is being read, and to which nothing was appended meanwhile. */
  readonly #unchanged = new Set<LogId>();
  /** Batches whose commit has started and that the listener has not been told of. */
  readonly #untold = new Set<Batch>();
  #waiting: (() => void)[] = [];

  /** @param gathered the messages whose commit has not started */
  constructor(gathered: Pick<GatheredMessages<NewMessage>, 'includes'>) {
    this.#gathered = gathered;
  }

  /** Reports that a message was appended to the log. */
  appended(log: LogId): void {
    if (this.#unchanged.size > 0) this.#unchanged.delete(log);
  }

  /** Reports that the commit of a batch has started. */
  started(batch: Batch): void {
    this.#untold.add(batch);
  }

  /** Reports that the listener is told of the batch now. Whoever waits looks again in a later microtask. */
  told(batch: Batch): void {
    this.#untold.delete(batch);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /**
   * Reads the head of the log, and reads it again where a message was appended meanwhile. Rejects as `readHead` does.
   * @param readHead reads the id of the newest stored message
   * @param use takes the head, before anything else can be appended. Its result is the answer
   */
  async read<Result>(
    log: LogId,
    readHead: () => number | Promise<number>,
    use: (head: number) => Result,
  ): Promise<Result> {
    try {
      for (;;) {
        // Before the wait: a message may be appended between its end and the next line.
        this.#unchanged.add(log);
        await this.#settled(log);
        const head = await readHead();
        if (this.#unchanged.has(log)) return use(head);
      }
    } finally {
      this.#unchanged.delete(log);
    }
  }

  /** Fulfils when no message of the log is on its way. */
  async #settled(log: LogId): Promise<void> {
    while (this.#gathered.includes(log) || [...this.#untold].some(({ logs }) => logs.includes(log))) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }
}
