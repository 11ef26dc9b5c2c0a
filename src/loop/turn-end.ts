// Shares the end of each turn of the event loop among those who have much to do. Whoever tells, ends or writes to
// thousands does so in pieces, by turns with the others, so that no turn of the event loop takes long. Pure over the
// clock and the deferrals that it is given.
import { Ring } from './ring.js';

/**
 * Milliseconds of each turn for reading the network and then for pieces of work. Pieces that are left wait for the next
 * turn.
 */
const sliceMilliseconds = 5;

/** Milliseconds of each turn that pieces of work have at least, however long it took to read the network. */
const leastMilliseconds = 1;

/** Milliseconds of each turn for what goes before everything else, where the turn has read for few. */
const firstMilliseconds = 4;

/**
 * Milliseconds that a turn reads and does what goes first, together: where it has read longer, what goes first has less
 * time, but never less than `leastMilliseconds`.
 */
const readAndFirstMilliseconds = 6;

/** Milliseconds of each turn for what goes second, where the turn has not taken long yet, and at least. */
const [secondMilliseconds, leastSecondMilliseconds] = [5, 2];

/** Milliseconds that a turn reads and does what goes first and second, together, with the same exception. */
const readToSecondMilliseconds = 8;

/** A task that measures its own time begins only while fewer milliseconds of this turn's end are spent. */
const measuredBeginsWithin = 1;

/** For how many items `each` acts at once. */
const itemsAtOnce = 32;

/** What it takes from its surroundings. */
export interface LoopSurroundings {
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number;
  /** Runs the callback at the end of this turn of the event loop; of the next turn, if called at the end of one. */
  readonly defer: (run: () => void) => void;
  /** Runs the callback in this turn, once all promises that are settled now have been acted on. */
  readonly afterPromises: (run: () => void) => void;
}

const eventLoop: LoopSurroundings = {
  now: () => performance.now(),
  defer: (run) => void setImmediate(run),
  // A tick that is scheduled in a microtask runs when there are no more microtasks.
  afterPromises: (run) => queueMicrotask(() => process.nextTick(run)),
};

/**
 * Work that measures its own time.
 * @param part of the milliseconds that it usually takes in a turn: less than 1 where the turn has read for long, or
 *   others have had time of it
 */
export type TimedWork = (part: number) => void;

/** As `TimedWork`. @param isBehind whether what goes first had more to do than this turn had time for */
export type SecondWork = (part: number, isBehind: boolean) => void;

/** Something that is done at the ends of turns, one step after the other. */
interface Task {
  /** Does a step. `part` is as for `TimedWork`. Returns whether there is another one. */
  readonly step: (part: number) => boolean;
  /** Whether it measures its own time, so that its only step may take some milliseconds. */
  readonly isMeasured: boolean;
}

/** Runs what is to be done at the end of a turn. One object serves the process, or their milliseconds would add up. */
export class TurnEnd {
  readonly #surroundings: LoopSurroundings;
  /** The callbacks of `deferFirst` for the next end of a turn. */
  #firsts: TimedWork[] = [];
  /** Whether those had less time in the last turn than they needed. */
  #areFirstsOwed = false;
  /** The callbacks of `deferSecond` for the next end of a turn. */
  #seconds: SecondWork[] = [];
  /** Whether the end of a turn is awaited or has begun. */
  #isAwaited = false;
  readonly #tasks = new Ring<Task>();
  /** How many of the first tasks belong to this turn. Those that are added during its end belong to the next one. */
  #left = 0;
  /** Whether the first task has taken a step in this turn and has more to do. */
  #isUnfinished = false;
  /** When the end of this turn was asked for, on the clock. */
  #asked = 0;
  /** When this turn began, on the clock, as the tasks count it: they don't pay for what goes first. */
  #began = 0;
  /** Whether a task has taken a step in this turn. */
  #hasStepped = false;
  /** The loops of `each` that have not ended. They are one task together, so that other tasks don't wait for each. */
  readonly #loops = new Ring<() => boolean>();

  constructor(surroundings = eventLoop) {
    this.#surroundings = surroundings;
  }

  /**
   * Runs the callback at the end of this turn, or of a later one where others have used up this turn's milliseconds.
   * The callback may take some milliseconds, which it measures itself. It calls this method again for what it leaves.
   * It is told which part of the turn is left for it.
   */
  defer(run: TimedWork): void {
    this.#add({ step: once(run), isMeasured: true });
  }

  /**
   * Runs the callback at the end of this turn, before all tasks. It may take a few milliseconds, which it measures
   * itself, and only a part of them where the turn has read for long. They are not taken from those of the tasks.
   */
  deferFirst(run: TimedWork): void {
    this.#firsts.push(run);
    this.#await();
  }

  /**
   * Runs the callback at the end of this turn, after those of `deferFirst` and before all tasks: it does not wait for
   * its turn among these. It measures its own time, and has only a part of it where the turn has taken long already.
   * Tasks have the rest of the turn, and at least as much as after a long read.
   */
  deferSecond(run: SecondWork): void {
    this.#seconds.push(run);
    this.#await();
  }

  /**
   * Calls `step` at the ends of turns, as often in each as its milliseconds allow, until it returns false. What runs
   * because of promises that a step settles counts as a part of the step. Several calls of this method share a turn.
   */
  work(step: () => boolean): void {
    this.#add({ step, isMeasured: false });
  }

  /**
   * Calls `act` for each item: at once for the first 32, and for the others at the ends of turns, by turns with other
   * calls of this method. Returns undefined if there are no others, else a promise that fulfils when `act` was called
   * for all. Items may be added and removed meanwhile as far as their iterator allows it.
   */
  each<Item>(items: Iterable<Item>, act: (item: Item) => void): Promise<void> | undefined {
    const iterator = items[Symbol.iterator]();
    const step = (): boolean => {
      const next = iterator.next();
      if (next.done !== true) act(next.value);
      return next.done !== true;
    };
    for (let count = 0; count < itemsAtOnce; count += 1) if (!step()) return undefined;
    return new Promise((resolve) => {
      this.#loops.add(() => {
        const isMore = step();
        if (!isMore) resolve();
        return isMore;
      });
      if (this.#loops.size === 1) this.work(this.#stepLoop);
    });
  }

  /** Takes a step of the loop that has waited longest. */
  readonly #stepLoop = (): boolean => {
    if (this.#loops.first?.() === true) this.#loops.rotate();
    else this.#loops.take();
    return this.#loops.size > 0;
  };

  #add(task: Task): void {
    this.#tasks.add(task);
    this.#await();
  }

  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#asked = this.#surroundings.now();
    this.#surroundings.defer(this.#begin);
  }

  readonly #begin = (): void => {
    this.#left = this.#tasks.size;
    this.#hasStepped = false;
    const read = this.#surroundings.now() - this.#asked;
    const part = this.#partOfFirsts(read);
    const [firsts, seconds] = [this.#firsts, this.#seconds];
    [this.#firsts, this.#seconds] = [[], []];
    try {
      for (const run of firsts) run(part);
      this.#areFirstsOwed = part < 1 && this.#firsts.length > 0;
    } finally {
      this.#beginSecond(seconds, read);
    }
  };

  /** @param read milliseconds that this turn has read */
  #beginSecond(seconds: readonly SecondWork[], read: number): void {
    const begun = this.#surroundings.now();
    const left = Math.max(leastSecondMilliseconds, readToSecondMilliseconds - (begun - this.#asked));
    try {
      const isBehind = this.#firsts.length > 0;
      for (const run of seconds) run(Math.min(1, left / secondMilliseconds), isBehind);
    } finally {
      const ended = this.#surroundings.now();
      this.#began = ended - Math.min(read + ended - begun, sliceMilliseconds - leastMilliseconds);
      this.#afterStep();
    }
  }

  /**
   * The part of their time that those have who go first. Where many turns read for long, every other one gives them all
   * of it: what they did not end would gather otherwise.
   * @param read milliseconds that this turn has read
   */
  #partOfFirsts(read: number): number {
    if (this.#areFirstsOwed) return 1;
    const left = Math.max(leastMilliseconds, readAndFirstMilliseconds - read);
    return Math.min(1, left / firstMilliseconds);
  }

  /** Whether this turn has time for a step of the first task. It always has time for one step. */
  get #hasTime(): boolean {
    if (!this.#hasStepped) return true;
    const most = this.#tasks.first?.isMeasured === true ? measuredBeginsWithin : sliceMilliseconds;
    return this.#spent < most;
  }

  /** Milliseconds of this turn's time that are spent, those included in which it has read. */
  get #spent(): number {
    return this.#surroundings.now() - this.#began;
  }

  #afterStep(): void {
    if (this.#left > 0) this.#surroundings.afterPromises(this.#goOn);
    else this.#awaitNext();
  }

  #awaitNext(): void {
    this.#isAwaited = false;
    if (this.#tasks.size + this.#firsts.length + this.#seconds.length > 0) this.#await();
  }

  /** Takes a step of the first task, which stays in the queue until the step has ended. */
  readonly #go = (): void => {
    this.#isUnfinished = false;
    this.#hasStepped = true;
    try {
      const left = Math.max(leastMilliseconds, sliceMilliseconds - this.#spent);
      this.#isUnfinished = this.#tasks.first?.step(left / sliceMilliseconds) ?? false;
    } finally {
      if (!this.#isUnfinished) {
        this.#tasks.take();
        this.#left -= 1;
      }
      this.#afterStep();
    }
  };

  /** Goes on in this turn while it has time, else in the next one. */
  readonly #goOn = (): void => {
    if (this.#hasTime) {
      this.#go();
      return;
    }
    // A task that has begun goes behind the others.
    if (this.#isUnfinished) this.#tasks.rotate();
    this.#awaitNext();
  };
}

function once(run: TimedWork): (part: number) => boolean {
  return (part) => {
    run(part);
    return false;
  };
}
