// What has happened since the start, counted where it happens, for whoever watches the daemon.

/** Upper bounds: of messages in a commit · of its milliseconds, its sync included. */
const sizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;
const timeBounds = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

/** How many values were at most each bound, and beyond the last. */
class Buckets {
  readonly counts: number[];
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = Array<number>(bounds.length + 1).fill(0);
  }

  add(value: number): void {
    let at = 0;
    while (at < this.bounds.length && value > (this.bounds[at] ?? 0)) at += 1;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sum += value;
  }
}

function count(counts: Map<string, number>, name: string, by = 1): void {
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** Numbers that only grow, since the start of one daemon. Who counts is handed the object. */
export class Counters {
  /** Messages that were stored, and the lines of them that were handed to members other than the speaker. */
  messages = 0;
  lines = 0;
  readonly commitMessages = new Buckets(sizeBounds);
  readonly commitMilliseconds = new Buckets(timeBounds);
  /** By `COMMAND CODE`; a line that names no command has an empty one. */
  readonly replies = new Map<string, number>();
  /** Connections that were not let in, or that the daemon closed, by the reason that they were told. */
  readonly refused = new Map<string, number>();
  readonly closed = new Map<string, number>();

  reply(command: string, code: number, by = 1): void {
    count(this.replies, `${command} ${code}`, by);
  }

  refuse(reason: string): void {
    count(this.refused, reason);
  }

  close(reason: string): void {
    count(this.closed, reason);
  }

  commit(messages: number, milliseconds: number): void {
    this.commitMessages.add(messages);
    this.commitMilliseconds.add(milliseconds);
  }
}
