// Gathers those who ask for the same long work, so that any number of them cost one round at a time, and one more after
// the round that is under way.

/** The round that has not begun. */
interface Round<Item, Result> {
  readonly items: Set<Item>;
  readonly done: Promise<Result>;
}

/** Does work for many at once, a round after the other. */
export class Rounds<Item, Result = void> {
  readonly #work: (items: ReadonlySet<Item>) => Promise<Result>;
  #next: Round<Item, Result> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param work is never called while an earlier call has not settled */
  constructor(work: (items: ReadonlySet<Item>) => Promise<Result>) {
    this.#work = work;
  }

  /** Fulfils when a round that began after this call has ended, with its result. Rejects as that round does. */
  join(item: Item): Promise<Result> {
    const round = this.#next ?? this.#begin();
    round.items.add(item);
    return round.done;
  }

  #begin(): Round<Item, Result> {
    const items = new Set<Item>();
    const done = this.#last.then(() => {
      this.#next = undefined;
      return this.#work(items);
    });
    this.#last = done.catch(() => undefined);
    this.#next = { items, done };
    return this.#next;
  }
}
