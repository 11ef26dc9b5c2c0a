// Shares the time of the event loop's turns among the sessions that have sent requests. A request is carried out as
// soon as its bytes come, unless others wait already. Then its session waits for its turn, and its socket is not read
// meanwhile. Pure over the clock and the deferral that it is given.
import type { LoopSurroundings, SecondWork } from '../loop/turn-end.js';
import { FairQueue } from '../turns/fair-queue.js';
import type { Payer, PayerClass } from '../turns/payer.js';

/** Milliseconds of each turn of the event loop in which requests are carried out, by default. */
const defaultTurnMilliseconds = 5;

/**
 * The part of it that a class has to itself while it waits. What it does not use passes on, to operators first, then to
 * users. So without operators users have three quarters, and the whole turn while no other class waits. Guests never
 * have more than their quarter: a user's message takes several turns (one to be read, one or two to be stored, one to
 * be shown), so it waits for that part of each, however much guests have sent ahead. Where they alone have something to
 * do, turns are short and follow each other at once.
 */
const shares: Readonly<Record<PayerClass, number>> = { operator: 3 / 8, user: 3 / 8, guest: 2 / 8 };

/**
 * The part of their share that guests have while lines for users wait to be written. Else guests' requests would make
 * each of the turns longer that these lines wait for.
 */
const guestsPartBehind = 1 / 4;

/** What a session's turn costs beside the milliseconds that its requests take: to be asked takes time as well. */
const turnCost = 0.01;

/** Milliseconds after which a session lets others go first. A request that has begun is carried out to its end. */
const quantumMilliseconds = 0.25;

/**
 * The end of a turn is awaited only once this many milliseconds have been spent: to await it costs as much as a line.
 */
const unwatchedMilliseconds = 0.5;

/**
 * Milliseconds of a turn in which a class's requests are carried out at once, as they are read. The others wait for the
 * end of the turn, which knows how long the turn has read: thousands of sockets are read in one piece.
 */
const atOnceMilliseconds = 1;

/**
 * How many of those that came in this turn join the queue before each request that is carried out at its end. To join
 * takes half as long as a cheap request: where thousands of sockets are read at once, it is no part of that step.
 */
const joinBeforeEach = 16;

/** What came of a step: a request was carried out, there is none, or its replies have to be written first. */
export type Step = 'carried out' | 'none' | 'full';

/** A connection whose requests are carried out. */
export interface TurnTaker {
  /** Who pays for the time of its requests. */
  readonly session: Payer;
  /** Carries out the next request, if there is one and it can be carried out now. */
  step(): Step;
  /** Reports the end of a turn that it waited for, and whether it waits for another one. */
  turnEnded(waits: boolean): void;
}

/** The time and the queue of one class. */
interface ClassState<Item> {
  readonly share: number;
  /** Whether it may use what others leave of the turn. */
  readonly takesMore: boolean;
  readonly queue: FairQueue<Item>;
  /** Those that wait and have not joined the queue yet, in the order in which they came. */
  readonly arrived: Set<Item>;
  /** Milliseconds that were spent in this turn of the event loop. */
  spent: number;
}

/** What a scheduler takes from its surroundings. The daemon defers by its `TurnEnd`. */
export interface TurnSurroundings extends Pick<LoopSurroundings, 'now'> {
  /** Runs the callback at the end of this turn, with the part of the turn's time that is left. */
  readonly defer: (run: SecondWork) => void;
}

const eventLoop: TurnSurroundings = {
  now: () => performance.now(),
  defer: (run) => void setImmediate(run, 1, false),
};

/** Carries out the requests of all connections. One scheduler serves the clients' and the operators'. */
export class TurnScheduler<Item extends TurnTaker> {
  readonly #now: () => number;
  readonly #defer: (run: SecondWork) => void;
  readonly #turnMilliseconds: number;
  readonly #classes: Readonly<Record<PayerClass, ClassState<Item>>>;
  /** The first may go first. */
  readonly #inOrder: readonly ClassState<Item>[];
  /** Items whose replies have to be written before their next turn. */
  #full = new Set<Item>();
  /** The end of this turn is awaited. */
  #isAwaited = false;
  /** The part of a turn's time that this turn has: less than 1 where it has read for long. */
  #part = 1;
  /** Whether lines for users waited when the last turn ended. */
  #isBehind = false;

  /** @param milliseconds of each turn of the event loop in which requests are carried out */
  constructor({ now, defer }: TurnSurroundings = eventLoop, milliseconds = defaultTurnMilliseconds) {
    this.#now = now;
    this.#defer = defer;
    this.#turnMilliseconds = milliseconds;
    const newClass = (name: PayerClass): ClassState<Item> => ({
      share: shares[name] * milliseconds,
      takesMore: name !== 'guest',
      queue: new FairQueue(turnCost),
      arrived: new Set(),
      spent: 0,
    });
    this.#classes = { operator: newClass('operator'), user: newClass('user'), guest: newClass('guest') };
    this.#inOrder = [this.#classes.operator, this.#classes.user, this.#classes.guest];
  }

  /**
   * Carries out requests of an item that does not wait: at once and for a short time, if nobody of its class waits and
   * the class has time left. Returns whether the item waits from now on, because it may have more.
   */
  carryOut(item: Item): boolean {
    const own = this.#classes[item.session.payerClass];
    const isAtOnce = !isWaitedFor(own) && own.spent < atOnceMilliseconds && this.#hasTime(own);
    const step = isAtOnce ? this.#quantum(item, own) : 'carried out';
    if (step === 'none') {
      if (own.spent > unwatchedMilliseconds) this.#await();
      return false;
    }
    if (step === 'full') this.#full.add(item);
    else this.#classes[item.session.payerClass].arrived.add(item);
    this.#await();
    return true;
  }

  /** Takes back an item that waits. It gets no further turn. */
  remove(item: Item): void {
    this.#full.delete(item);
    for (const { queue, arrived } of this.#inOrder) {
      queue.delete(item);
      arrived.delete(item);
    }
  }

  /** Carries out requests until there are no more, the item is full, or its time is over. */
  #quantum(item: Item, own: ClassState<Item>): Step {
    const started = this.#now();
    let now = started;
    let step = item.step();
    while (step === 'carried out') {
      now = this.#now();
      if (now - started >= quantumMilliseconds) break;
      step = item.step();
    }
    own.spent += now - started;
    return step;
  }

  #queue(item: Item, step: Step): void {
    if (step === 'full') this.#full.add(item);
    else this.#classes[item.session.payerClass].queue.add(item, item.session);
  }

  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    this.#defer(this.#endTurn);
  }

  /**
   * @param left the part of a turn's time that this turn has left, beside what was carried out at once
   * @param isBehind whether lines for users wait to be written
   */
  readonly #endTurn: SecondWork = (left, isBehind) => {
    this.#isAwaited = false;
    this.#isBehind = isBehind;
    this.#part = Math.min(1, this.#spent / this.#turnMilliseconds + left);
    const full = this.#full;
    this.#full = new Set();
    for (const item of full) this.#queue(item, 'carried out');
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#takeTurn(next);
    this.#part = 1;
    this.#carryOver();
    if (this.#full.size > 0 || this.#inOrder.some(isWaitedFor)) this.#await();
  };

  /**
   * Begins to count anew. A request may have taken longer than the time that was left: then a class that still waits
   * and has had more than its share has that much less in the next turn.
   */
  #carryOver(): void {
    let excess = Math.max(0, this.#spent - this.#turnMilliseconds);
    for (const each of [...this.#inOrder].reverse()) {
      const over = Math.max(0, each.spent - this.#shareOf(each));
      const debt = each.takesMore ? Math.min(excess, over) : over;
      excess = Math.max(0, excess - debt);
      each.spent = isWaitedFor(each) ? Math.min(debt, this.#shareOf(each)) : 0;
    }
  }

  /** Has some of those that came join the queue. */
  #join(own: ClassState<Item>): void {
    let left = joinBeforeEach;
    for (const item of own.arrived) {
      own.arrived.delete(item);
      // Its payer may be another one now.
      this.#queue(item, 'carried out');
      left -= 1;
      if (left === 0) break;
    }
  }

  /** Gives the next of the class a turn. All that it takes counts: to join, to be chosen and to be told. */
  #takeTurn(own: ClassState<Item>): void {
    const [started, before] = [this.#now(), own.spent];
    this.#join(own);
    const item = own.queue.next();
    if (item !== undefined) this.#carryOutNext(item, own);
    own.spent = before + this.#now() - started;
  }

  #carryOutNext(item: Item, own: ClassState<Item>): void {
    const before = own.spent;
    const step = this.#quantum(item, own);
    own.queue.charge(item.session, own.spent - before);
    const waits = step !== 'none';
    // Its payer may be another one now.
    if (!waits || step === 'full' || this.#classes[item.session.payerClass] !== own) own.queue.delete(item);
    if (waits) this.#queue(item, step);
    item.turnEnded(waits);
  }

  get #spent(): number {
    return this.#inOrder.reduce((sum, { spent }) => sum + spent, 0);
  }

  /** The class that is next: the first that waits and has time left. */
  #next(): ClassState<Item> | undefined {
    return this.#inOrder.find((each) => isWaitedFor(each) && this.#hasTime(each));
  }

  /** Whether a class may spend more of this turn: of its share, or of the time that nobody needs. */
  #hasTime(own: ClassState<Item>): boolean {
    return own.spent < this.#shareOf(own) * this.#part || (own.takesMore && this.#free > 0);
  }

  #shareOf({ share, takesMore }: ClassState<Item>): number {
    return takesMore || !this.#isBehind ? share : share * guestsPartBehind;
  }

  /**
   * The time that nobody needs: of the turn, less what is spent, less what those who wait have left of their shares.
   */
  get #free(): number {
    let free = this.#turnMilliseconds * this.#part;
    for (const each of this.#inOrder)
      free -= isWaitedFor(each) ? Math.max(this.#shareOf(each) * this.#part, each.spent) : each.spent;
    return free;
  }
}

/** Whether anybody of the class waits. */
function isWaitedFor({ queue, arrived }: Readonly<Record<'queue' | 'arrived', { readonly size: number }>>): boolean {
  return queue.size + arrived.size > 0;
}
