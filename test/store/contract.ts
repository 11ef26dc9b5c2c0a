// What every store must do, whatever it is made of: one suite, run by memory.test.ts and sqlite.test.ts over their own. The
// promises stand in src/store/store.ts; the clauses are PROTOCOL.md's. This file holds what the parts of the suite share.
import t, { type Test } from 'tap';
import type { Entry, LogListener, NewUser, Outcome, RoomLog, Store, UserId } from '../../src/store/store.js';
import type { Name } from '../../src/text/names.js';
import { failureContract } from './contract-failure.js';
import { keyContract } from './contract-keys.js';
import { logContract } from './contract-log.js';
import { nameContract } from './contract-names.js';

/** A commit that holds this text fails and leaves nothing behind. */
export const poison = 'this text fails its batch';
/** Of a commit that holds this text nobody knows what it left. */
export const breaker = 'this text breaks the store';

/** How the suite gets a store of the kind in question. */
export interface Kind {
  /** A new and empty store, on which `poison` and `breaker` work; closed by whoever opened it, if at all. */
  open(t: Test): Promise<Store<Line>>;
  /** The same data in a store that was closed and opened again; a store that forgets hands itself back. */
  reopen(store: Store<Line>): Promise<Store<Line>>;
}

export class Line implements Entry {
  readonly key: string | undefined;
  readonly message: string;
  outcome: Outcome = 'stored';
  id = 0;
  prev = 0;

  constructor(
    readonly log: RoomLog,
    readonly author: UserId,
    readonly text: string,
    key?: string,
  ) {
    this.key = key;
    this.message = JSON.stringify(text);
  }

  /** What became of it, in brief. */
  get fate(): string {
    return `${this.outcome} ${this.id}`;
  }
}

export interface Told {
  readonly kind: 'committed' | 'failed';
  readonly entries: readonly Line[];
  readonly time: number;
  /** Each entry's room's head when the batch was told. */
  readonly heads: readonly number[];
}

/** Listens to a store and waits for what it tells. */
export class Recorder implements LogListener<Line> {
  readonly told: Told[] = [];
  readonly errors: Error[] = [];
  brokenBy: Error | undefined;
  #wake: () => void = () => undefined;

  committed(entries: readonly Line[], time: number): void {
    this.#take({ kind: 'committed', entries, time, heads: entries.map(({ log }) => log.head) });
  }

  failed(entries: readonly Line[], error: Error): void {
    this.errors.push(error);
    this.#take({ kind: 'failed', entries, time: 0, heads: entries.map(({ log }) => log.head) });
  }

  broken(error: Error): void {
    this.brokenBy = error;
    this.#wake();
  }

  #take(told: Told): void {
    this.told.push(told);
    this.#wake();
  }

  /** All entries told as committed, in order. */
  get committedLines(): readonly Line[] {
    return this.told.flatMap(({ kind, entries }) => (kind === 'committed' ? entries : []));
  }

  /** Fulfils when the line was told about, or the store broke. */
  async tells(line: Line): Promise<Told | undefined> {
    for (;;) {
      const told = this.told.find(({ entries }) => entries.includes(line));
      if (told !== undefined || this.brokenBy !== undefined) return told;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** A store with a listener, and the short ways of the tests. */
export class Bench {
  readonly recorder = new Recorder();

  constructor(readonly store: Store<Line>) {
    store.listen(this.recorder);
  }

  static async open(t: Test, kind: Kind): Promise<Bench> {
    return new Bench(await kind.open(t));
  }

  /** The store closed and opened again, with a listener of its own. */
  async reopened(kind: Kind): Promise<Bench> {
    return new Bench(await kind.reopen(this.store));
  }

  async user(name: string): Promise<UserId> {
    const id = await this.store.createUser(newUser(name));
    if (id === undefined) throw new Error(`${name} is taken`);
    return id;
  }

  async room(name: string, creator: UserId | undefined): Promise<RoomLog> {
    const log = await this.store.openRoom(forms(name), creator);
    if (typeof log === 'string') throw new Error(`${name} is ${log}`);
    return log;
  }

  /** Appends the lines in one turn, which makes them one batch, and waits for what becomes of the last. */
  async append(...lines: readonly Line[]): Promise<Told | undefined> {
    for (const line of lines) if (!this.store.append(line)) throw new Error('the store has too much to do');
    const last = lines.at(-1);
    return last === undefined ? undefined : this.recorder.tells(last);
  }
}

/** The forms of a name, by simple rules of the suite's own: lower case to compare, and 1 looks like l, and so does I as it is written. */
export function forms(name: string): Name {
  const key = name.toLowerCase();
  return { name, key, skeletons: [name.replaceAll(/[1I]/g, 'l').toLowerCase(), key.replaceAll('1', 'l')] };
}

export function newUser(name: string, password = 'hash'): NewUser {
  return { ...forms(name), firstName: 'First', lastName: 'Last', password: Buffer.from(password) };
}

/** Waits until the turn of the event loop is over, after which a commit that was due has set out. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

export function storeContract(kind: Kind): void {
  void t.test('names', (t) => nameContract(t, kind));
  void t.test('the log', (t) => logContract(t, kind));
  void t.test('keys', (t) => keyContract(t, kind));
  void t.test('failures', (t) => failureContract(t, kind));
}
