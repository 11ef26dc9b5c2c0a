// Flushes outboxes once at the end of the event loop's turn, so that all lines of a turn leave in one write per socket.

/** Something that gathers lines and can write them. */
interface Flushable {
  flush(): void;
}

/** Runs one callback per turn that flushes all outboxes with lines. One scheduler serves all connections. */
export class FlushScheduler {
  #scheduled: Flushable[] = [];

  /** Has the item flushed at the end of this turn. The caller schedules an item once per turn. */
  schedule(item: Flushable): void {
    if (this.#scheduled.push(item) > 1) return;
    setImmediate(() => {
      const scheduled = this.#scheduled;
      this.#scheduled = [];
      for (const each of scheduled) each.flush();
    });
  }
}
