// What the tests of the group commit share: messages that nobody can write into, and a listener that writes down what
// it is told.
import { defaultJobLimits, type JobLimits } from '../../src/store/group-commit-jobs.js';
import type { Author, Commit, LogId, LogListener, Messages, NewMessage } from '../../src/store/log.js';
import { textAt } from '../../src/store/texts.js';
import { jsonText } from '../../src/text/json.js';

/** A message whose every member is frozen: a store that writes into it throws. */
export function frozenPost(log: LogId, author: number, text: string, key?: string): NewMessage {
  const by: Author = Object.freeze({ id: author, name: `user${author}` });
  return Object.freeze({ log, author: by, text: jsonText(text), kind: 'text', about: 0, key });
}

/** Fulfils in the next turn of the event loop: a commit that was due has set out then. */
export const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** Messages as `log:id text`, one after the other. */
export function described(messages: readonly Messages[]): readonly string[] {
  return messages.flatMap(({ log, first, authors, texts }) =>
    authors.map((_, place) => `${log}:${first + place} ${textAt(texts, place)}`),
  );
}

/** Writes down what a store tells. */
export class Teller implements LogListener<NewMessage> {
  readonly commits: Commit<NewMessage>[] = [];
  readonly failures: { readonly posts: readonly NewMessage[]; readonly error: Error }[] = [];
  brokenBy: Error | undefined;

  committed(commit: Commit<NewMessage>): void {
    this.commits.push(commit);
  }

  failed(posts: readonly NewMessage[], error: Error): void {
    this.failures.push({ posts, error });
  }

  broken(error: Error): void {
    this.brokenBy = error;
  }

  /** The texts of each commit that had messages of this process, the failed ones left out. */
  get told(): readonly (readonly string[])[] {
    return this.commits.filter(({ mine }) => mine.length > 0).map(({ mine }) => mine.map(({ text }) => text));
  }

  /** What became of a message: `stored 1`, for example; undefined where nothing was told. */
  fateOf(post: NewMessage): string | undefined {
    for (const { mine, outcomes, ids } of this.commits) {
      const place = mine.indexOf(post);
      if (place >= 0) return `${outcomes[place]} ${ids[place]}`;
    }
    return undefined;
  }
}

/** Limits with which all changes that wait go into one commit, however slow the machine is. */
export const oneCommit: JobLimits = { ...defaultJobLimits, milliseconds: 60_000 };
