// When users were last seen: when a session of theirs began or ended. The times gather in memory and are stored once a
// minute, in the background. A process that is killed loses a minute of them.
import { mostSeenAtOnce, type LastSeen } from '../store/last-seen.js';
import type { UserId } from '../store/log.js';
import type { Payer } from '../turns/payer.js';

/** Milliseconds between two times of storing. */
const interval = 60_000;

/** Stores for nobody in particular, so it comes after all others, and never with an operator's changes. */
const background: Payer = { payerClass: 'guest', payerAddress: '', payerUser: '' };

/** When users were last seen. */
export class SeenUsers {
  readonly #store: LastSeen;
  /** What is not stored yet, in milliseconds since 1970. */
  #times = new Map<UserId, number>();
  #storing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: LastSeen) {
    this.#store = store;
  }

  /** Reports that a session of the user begins or ends. */
  seen(user: UserId): void {
    this.#times.set(user, Date.now());
    this.#timer ??= setTimeout(() => void this.store(), interval).unref();
  }

  /** Forgets the user, who is deleted. */
  forget(user: UserId): void {
    this.#times.delete(user);
  }

  /** When the user was last seen; undefined where that is not known. Rejects as the store does. */
  async of(user: UserId): Promise<number | undefined> {
    return this.#times.get(user) ?? (await this.#store.of(user));
  }

  /** Stores what is not stored yet. What can't be stored now is tried again a minute later. Never rejects. */
  store(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#storing ??= this.#storeAll().finally(() => {
      this.#storing = undefined;
      if (this.#times.size > 0) this.#timer ??= setTimeout(() => void this.store(), interval).unref();
    });
    return this.#storing;
  }

  /** Stores what is not stored yet, at the end of the process. Never rejects. */
  async close(): Promise<void> {
    await this.#storing;
    await this.store();
    clearTimeout(this.#timer);
  }

  async #storeAll(): Promise<void> {
    const all = [...this.#times];
    for (let begin = 0; begin < all.length; begin += mostSeenAtOnce) {
      const some = all.slice(begin, begin + mostSeenAtOnce);
      try {
        await this.#store.mark(new Map(some), background);
      } catch {
        // They stay in memory.
        return;
      }
      for (const [user, time] of some) if (this.#times.get(user) === time) this.#times.delete(user);
    }
  }
}
