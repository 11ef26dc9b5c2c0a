// Keeps a failure that repeats from filling the log: it is written once, and then counted once a minute. A full disk,
// for example, fails every commit, and the log is often on the same disk.

/**
 * The events that come many times a second while something is wrong, because a client repeats them or because each room
 * has its own. Each has its cause in `err`, or its address.
 */
const repeating: ReadonlySet<string> = new Set([
  'command_failed',
  'commit_failed',
  'proxy_header_invalid',
  'runtime_warning',
  'store_failed',
  'trimming_failed',
]);

/** Milliseconds for which an event is only counted after it was written. */
const countedMilliseconds = 60_000;

/** The most events that are counted at one time. Others are written as they come. */
const mostCounted = 100;

/** An event that was written, and is counted now. */
interface Counted {
  /** How often it has come since. */
  times: number;
  /** Writes it with its newest fields, and the number as `repeated`. */
  write: (repeated: number) => void;
}

/** Counts the events that were written lately. */
export class RepeatedEvents {
  readonly #counted = new Map<string, Counted>();
  readonly #schedule: (callback: () => void) => void;

  /** @param schedule calls back after a minute */
  constructor(schedule = (callback: () => void): void => void setTimeout(callback, countedMilliseconds).unref()) {
    this.#schedule = schedule;
  }

  /**
   * Returns whether an event with these fields is to be written now. One that was written less than a minute ago is
   * counted instead.
   * @param write writes the event at the end of the minute
   */
  isNew(event: string, fields: object, write: (repeated: number) => void): boolean {
    if (!repeating.has(event)) return true;
    const key = `${event} ${causeOf(fields)}`;
    const counted = this.#counted.get(key);
    if (counted !== undefined) {
      counted.times += 1;
      counted.write = write;
      return false;
    }
    if (this.#counted.size < mostCounted) {
      this.#counted.set(key, { times: 0, write });
      this.#schedule(() => this.#endMinute(key));
    }
    return true;
  }

  #endMinute(key: string): void {
    const counted = this.#counted.get(key);
    if (counted === undefined) return;
    if (counted.times === 0) {
      this.#counted.delete(key);
      return;
    }
    const { times, write } = counted;
    counted.times = 0;
    this.#schedule(() => this.#endMinute(key));
    write(times);
  }
}

/** What tells an event from another one of the same name: why it came, or who is the cause. */
function causeOf(fields: { readonly err?: unknown; readonly address?: unknown }): string {
  const { err, address } = fields;
  return err instanceof Error ? err.message : String(address);
}
