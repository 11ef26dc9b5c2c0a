// Gathers messages for the next commit.
import type { Batch } from './committer.js';
import type { Author, Kind, LogId, NewMessage } from './log.js';
import { joinTexts } from './texts.js';

/** Gathers messages until a commit takes them. */
export class BatchBuilder<Post extends NewMessage> {
  readonly #posts: Post[] = [];
  #isKeyed = false;
  #refers = false;
  #units = 0;

  /** The messages in the order in which they were added. */
  get posts(): readonly Post[] {
    return this.#posts;
  }

  get size(): number {
    return this.#posts.length;
  }

  /** UTF-16 units of all texts. */
  get units(): number {
    return this.#units;
  }

  /** Whether a message of that log is among them. */
  includes(log: LogId): boolean {
    return this.#posts.some((post) => post.log === log);
  }

  add(post: Post): void {
    this.#posts.push(post);
    this.#units += post.text.length;
    if (post.key !== undefined) this.#isKeyed = true;
    if (post.about !== 0) this.#refers = true;
  }

  /** The batch, column by column. Nothing may be added afterwards. */
  build(): Batch {
    const posts = this.#posts;
    const count = posts.length;
    // Arrays that grow have room for 17 elements at least, and most batches have fewer messages.
    const logs = new Array<LogId>(count);
    const authors = new Array<Author>(count);
    const texts = new Array<string>(count);
    const kinds = new Array<Kind>(count);
    const about = new Array<number>(count);
    const keys = new Array<string | undefined>(count);
    let place = 0;
    for (const post of posts) {
      logs[place] = post.log;
      authors[place] = post.author;
      texts[place] = post.text;
      kinds[place] = post.kind;
      about[place] = post.about;
      keys[place] = post.key;
      place += 1;
    }
    const [isKeyed, refers] = [this.#isKeyed, this.#refers];
    return { logs, authors, texts: joinTexts(texts), kinds, about, keys, isKeyed, refers };
  }
}
