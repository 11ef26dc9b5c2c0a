// Writes into a store and waits for the outcomes, for tests that need data or that check what is on disk.
import type { RoomRecord, UserId } from '../../src/store/directory.js';
import type { Author, Kind, LogId, LogListener, Messages, NewMessage, Outcome, Commit } from '../../src/store/log.js';
import type { Store } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { jsonText } from '../../src/text/json.js';
import { nameForms } from '../../src/text/names.js';

/** The outcome and the id of an appended message, for example `stored 1`; `nothing stored` if its batch failed. */
export type AppendResult = `${Outcome} ${number}` | 'nothing stored';

/** A message as it is read back. */
export interface Read {
  readonly id: number;
  readonly author: string;
  readonly text: string;
  readonly kind: Kind;
  readonly about: number;
  readonly time: number;
}

/** A message to append: its text, or its text with kind, key and the message that it is about. */
export type MessageToAppend =
  | string
  | (Partial<Pick<NewMessage, 'kind' | 'about' | 'key'>> & { readonly text: string });

/** The only listener of a store. Appends messages and creates what they need. */
export class Writer implements LogListener<NewMessage> {
  readonly commits: Commit<NewMessage>[] = [];
  readonly failures: Error[] = [];
  brokenBy: Error | undefined;
  readonly #results = new Map<NewMessage, AppendResult>();
  #waiting: (() => void)[] = [];

  constructor(readonly store: Store) {
    store.log.listen(this);
  }

  committed(commit: Commit<NewMessage>): void {
    this.commits.push(commit);
    const { mine, outcomes, ids } = commit;
    for (const [place, post] of mine.entries())
      this.#results.set(post, `${outcomes[place] ?? 'failed'} ${ids[place] ?? 0}`);
    this.#wake();
  }

  failed(posts: readonly NewMessage[], error: Error): void {
    this.failures.push(error);
    for (const post of posts) this.#results.set(post, 'nothing stored');
    this.#wake();
  }

  broken(error: Error): void {
    this.brokenBy = error;
    this.#wake();
  }

  async user(name: string, password: Uint8Array = Buffer.from('hash')): Promise<Author> {
    const id = await this.store.directory.createUser({
      ...nameForms(name),
      firstName: 'First',
      lastName: 'Last',
      password,
    });
    if (id === undefined) throw new Error(`${name} is taken`);
    return { id, name };
  }

  /** Opens a room. @param creator the user who creates the room if it does not exist */
  async room(name: string, creator?: UserId): Promise<RoomRecord> {
    const room = await this.store.directory.openRoom(nameForms(name), creator);
    if (typeof room === 'string') throw new Error(`${name} is ${room}`);
    return room;
  }

  /** The id of the newest message of a log. */
  async head(log: LogId): Promise<number> {
    const followed = await this.store.log.follow(log);
    this.store.log.unfollow(followed);
    return followed.head;
  }

  /** Appends messages in one turn, so that they are one batch. Fulfils with the result of each. */
  say(log: LogId, author: Author, ...messages: readonly MessageToAppend[]): Promise<readonly AppendResult[]> {
    return this.append(
      ...messages.map((each) => {
        const { text, kind = 'text', about = 0, key } = typeof each === 'string' ? { text: each } : each;
        return { log, author, text: jsonText(text), kind, about, key };
      }),
    );
  }

  /** The same as `say`, for messages of several logs and authors. Rejects if the store breaks. */
  async append(...posts: readonly NewMessage[]): Promise<readonly AppendResult[]> {
    for (const post of posts) {
      const taken = this.store.log.append(post);
      if (taken !== 'taken') throw new Error(`the store is ${taken}`);
    }
    while (posts.some((post) => !this.#results.has(post))) {
      if (this.brokenBy !== undefined) throw this.brokenBy;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    return posts.map((post) => this.#results.get(post) ?? 'nothing stored');
  }

  /** Reads all messages of a log. */
  async readAll(log: LogId): Promise<readonly Read[]> {
    const { messages } = await this.store.log.readAfter(log, 0, Number.MAX_SAFE_INTEGER, 1_000_000);
    return readOf(messages);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** The messages of a page, one by one. */
export function readOf(page: readonly Messages[]): readonly Read[] {
  return page.flatMap(({ first, time, authors, texts, kinds, about }) =>
    authors.map(({ name }, place) => ({
      id: first + place,
      author: name,
      text: JSON.parse(`"${textAt(texts, place)}"`) as string,
      kind: kinds[place] ?? 'text',
      about: about[place] ?? 0,
      time,
    })),
  );
}
