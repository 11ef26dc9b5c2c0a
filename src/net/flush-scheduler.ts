// The end of a turn of the event loop, when all that a turn's lines were put into is written, once.

/** Something to be flushed at the end of the turn in which it got its first line. */
interface Flushed {
  flush(): void;
}

export class FlushScheduler {
  #waiting: Flushed[] = [];

  add(flushed: Flushed): void {
    if (this.#waiting.push(flushed) > 1) return;
    setImmediate(() => {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const each of waiting) each.flush();
    });
  }
}
