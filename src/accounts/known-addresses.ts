// Remembers from which addresses logins succeeded, so that a flood of logins from others keeps nobody out who comes
// from there (hash-queue.ts). It has to hold over a restart, so all of it can be written as a text and read again.
//
// No address is kept. An address stands as 24 bits of a keyed hash: who reads the text, and so has the key, finds 256
// IPv4 addresses for each of them, and does not know which one it was. (Who suspects an address can still test whether
// it may be there.) For the same reason one stranger of 300 is taken for known where the table is full, which harms
// nobody.
import { createHmac, randomBytes } from 'node:crypto';

/** The most addresses that are remembered. Those whose last login was the longest ago are forgotten first. */
const most = 50_000;

/** The first line of the text. */
const firstLine = /^salond known addresses 1 ([0-9a-f]{32})\n/;

/** The number of the day, counted from 1970 in UTC. */
function currentDay(): number {
  return Math.floor(Date.now() / 86_400_000);
}

/** Addresses, as limits count them, from which somebody has logged in lately. */
export class KnownAddresses {
  readonly #days: () => number;
  readonly #today: () => number;
  readonly #onChange: () => void;
  readonly #key: string;
  /** The day of the last login, by the hash of the address; the one of the longest ago first. */
  readonly #logins = new Map<string, number>();

  /**
   * @param days for how many days an address is known after a login; 0 for not at all
   * @param kept the text of an earlier object; what is no such text is ignored
   * @param onChange is called where the text has changed
   */
  constructor(days: () => number, kept = '', onChange = (): void => undefined, today = currentDay) {
    this.#days = days;
    this.#today = today;
    this.#onChange = onChange;
    const key = firstLine.exec(kept)?.[1];
    this.#key = key ?? randomBytes(16).toString('hex');
    if (key === undefined) return;
    for (const [, day, hash = ''] of kept.matchAll(/^(\d{1,6}) ([0-9a-f]{6})$/gm)) this.#remember(hash, Number(day));
  }

  /** Whether a login from the address succeeded lately. */
  has(address: string): boolean {
    const last = this.#logins.get(this.#hashOf(address));
    return last !== undefined && this.#isRecent(last);
  }

  /** Remembers that a login from the address succeeded. */
  add(address: string): void {
    const hash = this.#hashOf(address);
    const today = this.#today();
    if (this.#days() === 0 || this.#logins.get(hash) === today) return;
    this.#remember(hash, today);
    this.#onChange();
  }

  /** All that is remembered. */
  get text(): string {
    const lines = Array.from(this.#logins)
      .filter(([, day]) => this.#isRecent(day))
      .map(([hash, day]) => `${day} ${hash}\n`);
    return `salond known addresses 1 ${this.#key}\n${lines.join('')}`;
  }

  #isRecent(day: number): boolean {
    return this.#today() - day < this.#days();
  }

  #remember(hash: string, day: number): void {
    this.#logins.delete(hash);
    this.#logins.set(hash, day);
    for (const [oldest] of this.#logins) {
      if (this.#logins.size <= most) return;
      this.#logins.delete(oldest);
    }
  }

  #hashOf(address: string): string {
    return createHmac('sha256', this.#key).update(address).digest('hex').slice(0, 6);
  }
}
