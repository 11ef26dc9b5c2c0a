// Writes into the players' rooms without a daemon, as a program of another version would: messages of its own user, and
// the keyed messages of the players' users, which the players send too.
import assert from 'node:assert/strict';
import type { Author, Commit, LogListener, NewMessage } from '../../src/store/log.js';
import { jsonText } from '../../src/text/json.js';
import type { Random } from '../fuzz/random.js';
import type { FarStore } from '../store/far-store.js';
import { fold, type Chronicle, type Utterance } from './chronicle.js';
import { keyedText, keys } from './requests.js';
import { users, variantCount } from './scenario.js';
import type { EndDisturbance } from './stage.js';

/** The longest time between two messages, in milliseconds. */
const longestPause = 6;

/** The writer's own user. */
export const stranger = 'stranger';

interface ForeignPost extends NewMessage {
  readonly utterance: Utterance;
}

/** Writes random messages through a node of its own, and notes in the chronicle what became of them. */
export class ForeignWriter implements LogListener<ForeignPost> {
  readonly store: FarStore<ForeignPost>;
  readonly #random: Random;
  readonly #authors = new Map<string, Author>();
  #count = 0;
  #untold = 0;
  #allTold: (() => void) | undefined;

  constructor(store: FarStore<ForeignPost>, random: Random) {
    this.store = store;
    this.#random = random;
    store.log.listen(this);
  }

  committed({ mine, outcomes, ids }: Commit<ForeignPost>): void {
    for (const [place, { utterance }] of mine.entries()) {
      const outcome = outcomes[place];
      assert.ok(outcome !== 'failed');
      utterance.outcome = outcome === 'stored' || outcome === 'duplicate' ? outcome : 'refused';
      utterance.id = ids[place] ?? 0;
    }
    this.#told(mine.length);
  }

  failed(_: readonly ForeignPost[], error: Error): void {
    throw error;
  }

  broken(error: Error): void {
    throw error;
  }

  #told(count: number): void {
    this.#untold -= count;
    if (this.#untold === 0) this.#allTold?.();
  }

  /** Writes into the rooms, as soon as they are there, until the function that is answered is called. */
  begin(rooms: readonly string[], chronicle: Chronicle): EndDisturbance {
    const ending = new AbortController();
    const writing = (async () => {
      while (!ending.signal.aborted) {
        await new Promise((resolve) => {
          setTimeout(resolve, this.#random.below(longestPause + 1));
        });
        const name = rooms[this.#random.below(rooms.length)] ?? '';
        await this.#write(fold(name), chronicle);
      }
    })();
    return async () => {
      ending.abort();
      await writing;
      if (this.#untold > 0) {
        await new Promise<void>((resolve) => {
          this.#allTold = resolve;
        });
      }
    };
  }

  async #write(room: string, chronicle: Chronicle): Promise<void> {
    const record = await this.store.directory.findRoom(room);
    if (record === undefined) return;
    for (let times = 1 + this.#random.below(3); times > 0; times -= 1) {
      const said = this.#random.once(3) ? this.#keyed() : this.#own();
      const author = await this.#author(said.username);
      const utterance: Utterance = { ...said, room, outcome: 'unknown', id: 0 };
      const text = jsonText(said.text);
      const post: ForeignPost = Object.freeze({
        log: record.id,
        author,
        text,
        kind: 'text' as const,
        about: 0,
        key: said.key,
        utterance,
      });
      chronicle.utterances.push(utterance);
      this.#untold += 1;
      assert.equal(this.store.log.append(post), 'taken');
    }
  }

  #own(): Pick<Utterance, 'username' | 'text' | 'key'> {
    return { username: stranger, text: `foreign ${(this.#count += 1)}`, key: undefined };
  }

  #keyed(): Pick<Utterance, 'username' | 'text' | 'key'> {
    const [key, variant] = [this.#random.below(keys.length), this.#random.below(variantCount)];
    return { username: this.#random.pick(users), text: keyedText(key, variant), key: keys[key] };
  }

  async #author(username: string): Promise<Author> {
    let author = this.#authors.get(username);
    if (author === undefined) {
      const user = await this.store.directory.findUser(username.toLowerCase());
      assert.ok(user !== undefined, `${username} is no user`);
      author = { id: user.id, name: user.name };
      this.#authors.set(username, author);
    }
    return author;
  }
}
