// Counts events since the daemon's start. One Counters object is shared by all parts that count; prometheus.ts and the
// operator command `status` read it. All numbers only grow.

/** Upper bounds of the buckets for the number of messages in a commit. */
const commitSizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

/** Upper bounds of the buckets for the milliseconds of a commit, its sync included. */
const commitMillisecondsBounds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

/** Counts values by size, in one bucket per upper bound and one for larger values. */
export class Histogram {
  /** One count per bucket. The last is for values above all bounds. Not cumulative. */
  readonly counts: number[];
  /** The sum of all values. */
  sum = 0;

  /** @param bounds the buckets' upper bounds, ascending */
  constructor(readonly bounds: readonly number[]) {
    this.counts = Array<number>(bounds.length + 1).fill(0);
  }

  /** Counts one value. */
  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? 0)) bucket += 1;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

/** All counters of a daemon. */
export class Counters {
  /** Messages that were stored. */
  messages = 0;
  /** How often a session's next lines had to wait, because too many had been refused. */
  pauses = 0;
  /** Messages that were trimmed. */
  trimmed = 0;
  /** Steps of the trimming that failed. */
  trimmingFailures = 0;
  /** Lines of messages that were handed to members other than the author. */
  lines = 0;
  /** The number of messages in each commit. */
  readonly commitMessages = new Histogram(commitSizeBounds);
  /** The duration of each commit in milliseconds, including its sync. */
  readonly commitMilliseconds = new Histogram(commitMillisecondsBounds);
  /** Replies by `COMMAND CODE`. The command is empty for a line that names none. */
  readonly replies = new Map<string, number>();
  /** Connections that were refused, by the reason in their 199. */
  readonly refused = new Map<string, number>();
  /** Connections that the daemon closed, by the reason in their 199. */
  readonly closed = new Map<string, number>();
  /** Requests that a limit refused, by the limit's setting, or by a name of its own where it is no setting. */
  readonly limited = new Map<string, number>();

  /** Counts replies to a command. */
  reply(command: string, code: number, count = 1): void {
    increment(this.replies, `${command} ${code}`, count);
  }

  /** Counts a request that a limit refused. */
  limit(setting: string): void {
    increment(this.limited, setting, 1);
  }

  /** Counts a connection that was refused. */
  refuse(reason: string): void {
    increment(this.refused, reason, 1);
  }

  /** Counts a connection that the daemon closed. */
  close(reason: string): void {
    increment(this.closed, reason, 1);
  }

  /** Counts a commit: how many messages it had, and how many milliseconds it took. */
  commit(messages: number, milliseconds: number): void {
    this.commitMessages.observe(messages);
    this.commitMilliseconds.observe(milliseconds);
  }
}

function increment(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
