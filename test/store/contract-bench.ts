// What the parts of the contract suite share (contract.ts): posts, a listener that holds a store to what every listener may
// count on, and the short ways of the tests.
import type { Test } from 'tap';
import type { NewUser, RoomRecord } from '../../src/store/directory.js';
import type {
  Author,
  Commit,
  FollowedLog,
  Kind as MessageKind,
  LogId,
  LogListener,
  Messages,
  NewMessage,
  Outcome,
} from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { jsonText } from '../../src/text/json.js';
import type { Name } from '../../src/text/names.js';

/** A commit that holds this text fails and leaves nothing behind. */
export const poison = 'this text fails its batch';
/** Of a commit that holds this text nobody can know whether it was stored. */
export const breaker = 'this text breaks the store';

/** How the suite gets a store of the kind in question. */
export interface Kind {
  /** Opens a new and empty store, on which `poison` and `breaker` work. It is closed at the end of the test. */
  open(t: Test): Promise<Store<TestPost>>;
  /** Closes the store, and opens one with the same data; a store that forgets its data hands out another writer of it. */
  reopen(store: Store<TestPost>): Promise<Store<TestPost>>;
  /** Opens another writer of the same data beside the first. Left out where a store has one writer only. */
  readonly openBeside?: (store: Store<TestPost>) => Promise<Store<TestPost>>;
  /**
   * Makes the store unreachable, and answers what makes it reachable again. Left out where a store always is.
   * @param underWay whether the commit that is under way turns out to be stored, or is lost and has to be sent again
   */
  readonly takeAway?: (store: Store<TestPost>, underWay: 'stored' | 'lost') => () => void;
  /** Keeps commits that set out from arriving, until the returned function is called. Stands beside `takeAway`. */
  readonly pause?: (store: Store<TestPost>) => () => void;
}

/** A message that the suite stores. It is frozen: a store must not write into what it is given. */
export class TestPost implements NewMessage {
  readonly log: LogId;
  readonly text: string;
  readonly kind: MessageKind;
  readonly about: number;
  readonly key: string | undefined;

  /** @param said the text as it is said; `text` is its JSON */
  constructor(
    room: LogId | Pick<RoomRecord, 'id'>,
    readonly author: Author,
    readonly said: string,
    { key, kind = 'text', about = 0 }: Partial<Pick<NewMessage, 'key' | 'kind' | 'about'>> = {},
  ) {
    this.log = typeof room === 'number' ? room : room.id;
    this.text = jsonText(said);
    this.key = key;
    this.kind = kind;
    this.about = about;
    Object.freeze(author);
    Object.freeze(this);
  }
}

/** A stored message, as the suite compares them. */
export interface Row {
  readonly id: number;
  readonly author: Author;
  readonly said: string;
  readonly kind: MessageKind;
  readonly about: number;
  readonly time: number;
}

/** The messages of columns, one by one. Throws where the columns do not fit together. */
export function rowsOf(...all: readonly Messages[]): Row[] {
  return all.flatMap(({ first, time, authors, texts, kinds, about }) => {
    const lengths = [authors, kinds, about, texts.begins, texts.ends].map(({ length }) => length);
    if (new Set(lengths).size !== 1) throw new Error(`columns of different lengths: ${lengths.join(', ')}`);
    if (authors.length === 0) throw new Error('columns without a message');
    return authors.map((author, place): Row => {
      const [begin = -1, end = -1] = [texts.begins[place], texts.ends[place]];
      if (begin < 0 || end < begin || end > texts.bytes.length) throw new Error(`a view from ${begin} to ${end}`);
      const said = JSON.parse(`"${textAt(texts, place)}"`) as string;
      return { id: first + place, author, said, kind: kinds[place] ?? 'text', about: about[place] ?? 0, time };
    });
  });
}

/** What became of a post. */
export interface AppendResult {
  /** `none stored` where the whole batch failed. */
  readonly outcome: Outcome | 'none stored';
  /** 0 where there is none. */
  readonly id: number;
}

/** Listens to a store, keeps what it tells, and holds it to what every listener may count on. */
export class Recorder implements LogListener<TestPost> {
  readonly commits: Commit<TestPost>[] = [];
  /** Each post that was told of, in the order of the telling. */
  readonly told: TestPost[] = [];
  readonly errors: Error[] = [];
  /** Why writes fail, or undefined where they succeed again, as it was told; and the same for being away. */
  readonly writes: (string | undefined)[] = [];
  readonly reachability: (string | undefined)[] = [];
  brokenBy: Error | undefined;
  readonly #results = new Map<TestPost, AppendResult>();
  readonly #followed = new Map<LogId, { readonly log: FollowedLog; readonly begin: number; readonly rows: Row[] }>();
  readonly #waiting: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  committed(commit: Commit<TestPost>): void {
    const { stored, mine, outcomes, ids } = commit;
    if (mine.length !== outcomes.length || mine.length !== ids.length) throw new Error('outcomes of other posts');
    if (new Set(stored.map(({ log }) => log)).size !== stored.length) throw new Error('a log stands twice in a commit');
    this.commits.push(commit);
    for (const messages of stored) this.#take(messages);
    for (const [place, post] of mine.entries()) {
      this.#tell(post, { outcome: outcomes[place] ?? 'none stored', id: ids[place] ?? 0 });
    }
    this.#wake();
  }

  failed(posts: readonly TestPost[], error: Error): void {
    this.errors.push(error);
    for (const post of posts) this.#tell(post, { outcome: 'none stored', id: 0 });
    this.#wake();
  }

  broken(error: Error): void {
    this.brokenBy = error;
    this.#wake();
  }

  writing(failure: Error | undefined): void {
    this.writes.push(failure?.message);
  }

  reachable(failure: Error | undefined): void {
    this.reachability.push(failure?.message);
  }

  #take(messages: Messages): void {
    const rows = rowsOf(messages);
    const followed = this.#followed.get(messages.log);
    if (followed === undefined) return;
    const next = followed.rows.at(-1)?.id ?? followed.begin;
    if (messages.first !== next + 1) throw new Error(`log ${messages.log}: ${messages.first} was told after ${next}`);
    followed.rows.push(...rows);
    if (followed.log.head !== rows.at(-1)?.id) throw new Error(`the head is ${followed.log.head} as it is told`);
  }

  #tell(post: TestPost, result: AppendResult): void {
    if (this.#results.has(post)) throw new Error(`"${post.said}" was told twice`);
    this.told.push(post);
    this.#results.set(post, result);
  }

  #wake(): void {
    for (const waiting of this.#waiting.splice(0)) {
      if (waiting.holds() || this.brokenBy !== undefined) waiting.resolve();
      else this.#waiting.push(waiting);
    }
  }

  /** Keeps what is told of the log from here on: at once after `follow`. */
  keep(log: FollowedLog): void {
    this.#followed.set(log.id, { log, begin: log.head, rows: [] });
  }

  /** Keeps nothing more of the log, and forgets what was told. */
  forget(log: FollowedLog): void {
    this.#followed.delete(log.id);
  }

  /** What was told of a log since `keep`. */
  rows(log: LogId | Pick<FollowedLog, 'id'>): readonly Row[] {
    return this.#followed.get(typeof log === 'number' ? log : log.id)?.rows ?? [];
  }

  result(post: TestPost): AppendResult | undefined {
    return this.#results.get(post);
  }

  /** Fulfils when it holds after something was told, or when the store broke. */
  async until(holds: () => boolean): Promise<void> {
    if (holds() || this.brokenBy !== undefined) return;
    await new Promise<void>((resolve) => this.#waiting.push({ holds, resolve }));
  }

  /** Fulfils with what became of the post, and with undefined where the store broke. */
  async tells(post: TestPost): Promise<AppendResult | undefined> {
    await this.until(() => this.#results.has(post));
    return this.#results.get(post);
  }
}

/** A store with a listener, and the short ways of the tests. */
export class Bench {
  readonly recorder = new Recorder();

  constructor(readonly store: Store<TestPost>) {
    store.log.listen(this.recorder);
  }

  static async open(t: Test, kind: Kind): Promise<Bench> {
    return new Bench(await kind.open(t));
  }

  /** The store closed and opened again, with a listener of its own. */
  async reopened(kind: Kind): Promise<Bench> {
    return new Bench(await kind.reopen(this.store));
  }

  async user(name: string): Promise<Author> {
    const id = await this.store.directory.createUser(newUser(name));
    if (id === undefined) throw new Error(`${name} is taken`);
    return { id, name };
  }

  async room(name: string, creator: Author | undefined): Promise<RoomRecord> {
    const room = await this.store.directory.openRoom(forms(name), creator?.id);
    if (typeof room === 'string') throw new Error(`${name} is ${room}`);
    return room;
  }

  /** Follows the room's log, and has the recorder keep what is told of it. */
  async follow({ id }: Pick<RoomRecord, 'id'>): Promise<FollowedLog> {
    const log = await this.store.log.follow(id);
    this.recorder.keep(log);
    return log;
  }

  /** Follows the log no more. */
  unfollow(log: FollowedLog): void {
    this.store.log.unfollow(log);
    this.recorder.forget(log);
  }

  /** Appends without waiting. */
  send(...posts: readonly TestPost[]): void {
    for (const post of posts) {
      const taken = this.store.log.append(post);
      if (taken !== 'taken') throw new Error(`the store is ${taken}`);
    }
  }

  /** Appends the posts in one turn, which makes them one batch, and waits for what becomes of the last. */
  async append(...posts: readonly TestPost[]): Promise<AppendResult | undefined> {
    this.send(...posts);
    const last = posts.at(-1);
    return last === undefined ? undefined : this.recorder.tells(last);
  }

  /** What became of each post, in brief: `stored 3`. */
  results(posts: readonly TestPost[]): readonly string[] {
    return posts.map((post) => {
      const result = this.recorder.result(post);
      return result === undefined ? 'untold' : `${result.outcome} ${result.id}`;
    });
  }

  /** All that the log holds. */
  async stored({ id }: Pick<RoomRecord, 'id'>): Promise<readonly Row[]> {
    return rowsOf(...(await this.store.log.readAfter(id, 0, Number.MAX_SAFE_INTEGER, 100_000)).messages);
  }
}

/** The forms of a name, by simple rules of the suite's own: lower case to compare, and 1 looks like l, and so does I as it is written. */
export function forms(name: string): Name {
  const key = name.toLowerCase();
  const skeletons = [name.replaceAll(/[1I]/g, 'l').toLowerCase(), key.replaceAll('1', 'l')] as const;
  return Object.freeze({ name, key, skeletons: Object.freeze(skeletons) });
}

export function newUser(name: string, password = 'hash'): NewUser {
  return Object.freeze({ ...forms(name), firstName: 'First', lastName: 'Last', password: Buffer.from(password) });
}
