// Changes of users that end all their tokens, a new password say, beside tokens that are being made. The text of a
// token is told to nobody before it is known that no such change has begun meanwhile: one that is stored behind the
// change would outlast it.
import type { UserId } from '../store/directory.js';

/** A token that is being made. */
export interface Making {
  /** Whether a change that ends all tokens of the user runs, or ran since the making began. */
  readonly isEnded: boolean;
  /** Reports that the token is made, or is not going to be. To be called once. */
  done(): void;
}

/** The changes that end all tokens of a user, and the tokens that are being made, by their users. */
export class Endings {
  /** How many changes of each user run. */
  readonly #running = new Map<UserId, number>();
  readonly #makings = new Map<UserId, Set<{ isEnded: boolean }>>();

  /** Reports that such a change begins: before it is handed to the store. Answers what reports its end. */
  begin(user: UserId): () => void {
    this.#running.set(user, (this.#running.get(user) ?? 0) + 1);
    for (const making of this.#makings.get(user) ?? []) making.isEnded = true;
    return () => {
      const others = (this.#running.get(user) ?? 1) - 1;
      if (others > 0) this.#running.set(user, others);
      else this.#running.delete(user);
    };
  }

  /** Reports that a token of the user is being made. */
  making(user: UserId): Making {
    const makings = this.#makings.get(user) ?? new Set();
    this.#makings.set(user, makings);
    const making = {
      isEnded: this.#running.has(user),
      done: () => {
        makings.delete(making);
        if (makings.size === 0 && this.#makings.get(user) === makings) this.#makings.delete(user);
      },
    };
    makings.add(making);
    return making;
  }
}
