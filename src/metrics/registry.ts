// What Prometheus is told, in its text format (prom-client). Nothing is measured for it: whoever does the work counts,
// and the numbers are read when somebody asks.
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Counters } from './counters.js';

/** What is read of the daemon when somebody asks. */
export interface Watched {
  readonly counters: Counters;
  /** Connections by what they are: `guest` or `user`. */
  sessions(): Readonly<Record<string, number>>;
  rooms(): number;
  /** Bytes that wait in all outboxes for their clients to read. */
  outboxBytes(): number;
  /** Password hashes that run, and that wait. */
  passwords(): { readonly running: number; readonly waiting: number };
  /** Bytes of salond.db and of its write-ahead log. */
  files(): { readonly database: number; readonly log: number };
  /**
   * Why commits fail, if they do; the seconds since one reached the disk, if one has; the seconds by which the clock is
   * behind.
   */
  writing(): {
    readonly failing: string | undefined;
    readonly lastCommit: number | undefined;
    readonly clockBehind: number;
  };
}

const prefix = 'salond_';

type Sample = readonly [labels: Readonly<Record<string, string>>, value: number];

function single(value: number): readonly Sample[] {
  return [[{}, value]];
}

/** Those that can be told: one number that is none, or can't be read, must not cost all others. */
function sound(read: () => readonly Sample[], least: number): readonly Sample[] {
  try {
    return read().filter(([, value]) => Number.isFinite(value) && value >= least);
  } catch {
    return [];
  }
}

/** Maps of counts as samples with one label. */
function byLabel(label: string, counts: Iterable<readonly [string, number]>): readonly Sample[] {
  return Array.from(counts, ([name, value]) => [{ [label]: name }, value] as const);
}

export function makeRegistry(watched: Watched, version: string): Registry {
  const registry = new Registry();
  const { counters } = watched;
  const gauge = (name: string, help: string, labels: readonly string[], read: () => readonly Sample[]): void => {
    new Gauge({
      name: prefix + name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        for (const [its, value] of sound(read, -Infinity)) this.set(its, value);
      },
    });
  };
  const counter = (name: string, help: string, labels: readonly string[], read: () => readonly Sample[]): void => {
    new Counter({
      name: prefix + name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        // A counter takes nothing below zero.
        for (const [its, value] of sound(read, 0)) this.inc(its, value);
      },
    });
  };
  gauge('build_info', 'The version, as a label; always 1.', ['version'], () => [[{ version }, 1]]);
  gauge('sessions', 'Open connections, by state.', ['state'], () =>
    byLabel('state', Object.entries(watched.sessions())),
  );
  gauge('rooms', 'Rooms with somebody in them.', [], () => single(watched.rooms()));
  gauge('outbox_bytes', 'Bytes that wait for clients to read.', [], () => single(watched.outboxBytes()));
  gauge('password_hashes', 'Password hashes, by state: running or waiting.', ['state'], () =>
    byLabel('state', Object.entries(watched.passwords())),
  );
  gauge('database_bytes', 'Size of the database.', [], () => single(watched.files().database));
  gauge('wal_bytes', 'Size of the write-ahead log.', [], () => single(watched.files().log));
  gauge('store_writable', 'Whether commits succeed: 1 or 0.', [], () =>
    single(watched.writing().failing === undefined ? 1 : 0),
  );
  gauge(
    'last_commit_age_seconds',
    'Time since a commit reached the disk. One is tried for this where none was in the last ten seconds.',
    [],
    () => {
      const { lastCommit } = watched.writing();
      return lastCommit === undefined ? [] : single(lastCommit);
    },
  );
  gauge(
    'clock_behind_seconds',
    'By how much the clock is behind the newest message: so long all messages get the same time.',
    [],
    () => single(watched.writing().clockBehind),
  );
  counter('messages_stored_total', 'Messages that were stored.', [], () => single(counters.messages));
  counter('messages_delivered_total', 'Lines of messages that members other than the speaker were given.', [], () =>
    single(counters.lines),
  );
  counter(
    'replies_total',
    'Replies, by command and code: one for each line that came. A line that names no command has an empty one.',
    ['command', 'code'],
    () =>
      Array.from(counters.replies, ([key, value]) => {
        const [command = '', code = ''] = key.split(' ');
        return [{ command, code }, value] as const;
      }),
  );
  counter('connections_refused_total', 'Connections that were not let in, by reason.', ['reason'], () =>
    byLabel('reason', counters.refused),
  );
  counter('connections_closed_total', 'Connections that the daemon closed, by reason.', ['reason'], () =>
    byLabel('reason', counters.closed),
  );
  histogram(registry, 'commit_messages', 'Messages in a commit.', counters.commitMessages, 1);
  histogram(registry, 'commit_seconds', 'Time of a commit, its sync included.', counters.commitMilliseconds, 1000);
  collectDefaultMetrics({ register: registry });
  return registry;
}

interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A histogram whose buckets somebody else fills: prom-client's own counts only what it observes itself. */
function histogram(registry: Registry, name: string, help: string, buckets: Buckets, scale: number): void {
  const whole = prefix + name;
  const get = async (): Promise<object> => {
    let cumulative = 0;
    const values = buckets.counts.map((count, at) => {
      cumulative += count;
      const bound = buckets.bounds[at];
      return {
        labels: { le: bound === undefined ? '+Inf' : bound / scale },
        value: cumulative,
        metricName: `${whole}_bucket`,
      };
    });
    return {
      name: whole,
      help,
      type: 'histogram',
      aggregator: 'sum',
      values: [
        ...values,
        { labels: {}, value: buckets.sum / scale, metricName: `${whole}_sum` },
        { labels: {}, value: cumulative, metricName: `${whole}_count` },
      ],
    };
  };
  registry.registerMetric({ name: whole, get, reset: () => undefined } as unknown as Gauge);
}
