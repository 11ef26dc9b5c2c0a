// Writes the metrics in Prometheus' text format (prom-client). Each request reads the current numbers from Counters and
// from the daemon's parts; nothing is measured in between.
import { collectDefaultMetrics, Gauge, Registry, type Metric } from 'prom-client';
import { openFiles } from './open-files.js';
import type { Counters, Histogram } from './counters.js';

/** The numbers of the daemon that each request for its metrics reads. */
export interface MetricsSource {
  readonly counters: Counters;
  /** Connections by state: `guest` or `user`. */
  sessions(): Readonly<Record<string, number>>;
  /**
   * Clients' sockets from accept to close, by state: `header` (awaited from a proxy), `handshake`, `open` or `refused`.
   */
  sockets(): Readonly<Record<string, number>>;
  /** Rooms with a member. */
  rooms(): number;
  /** Bytes that wait in all outboxes for their clients to read. */
  outboxBytes(): number;
  /** Bytes that all connections keep in memory, and the most that they may. */
  buffers(): { readonly bytes: number; readonly limit: number };
  /** Reads of the store that wait for their turn. */
  readsWaiting(): number;
  /** Password hashes, by state. */
  passwords(): { readonly running: number; readonly waiting: number };
  /** Bytes of salond.db, of its write-ahead log, and of the index of what was said. */
  files(): { readonly database: number; readonly log: number; readonly search: number };
  /** Seconds since the oldest message was stored that is not in that index, 0 for none, and how many are not in it. */
  searchLag(): { readonly seconds: number; readonly messages: number };
  /** Free bytes for the daemon on the data folder's file system; null if the system can't tell. */
  diskFree(): number | null;
  /** Erasures that failed and are tried again. */
  erasuresLeft(): number;
  /** The state of commits. */
  writing(): {
    /** Why commits fail; undefined if they succeed. */
    readonly failing: string | undefined;
    /** Seconds since a commit reached the disk; undefined if none has. */
    readonly lastCommit: number | undefined;
    /** Seconds by which the clock is behind the newest message. */
    readonly clockBehind: number;
  };
}

const prefix = 'salond_';

/** One number, with its labels. `suffix` is added to the metric's name. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
}

function single(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

function byLabel(label: string, counts: Iterable<readonly [string, number]>): readonly Sample[] {
  return Array.from(counts, ([name, value]) => ({ labels: { [label]: name }, value }));
}

/** A histogram's samples, cumulative as Prometheus expects them. `scale` converts to the metric's unit, by division. */
function histogramSamples({ bounds, counts, sum }: Histogram, scale: number): readonly Sample[] {
  let cumulative = 0;
  const buckets = counts.map((count, index): Sample => {
    cumulative += count;
    const bound = bounds[index];
    return { labels: { le: bound === undefined ? '+Inf' : bound / scale }, value: cumulative, suffix: '_bucket' };
  });
  return [
    ...buckets,
    { labels: {}, value: sum / scale, suffix: '_sum' },
    { labels: {}, value: cumulative, suffix: '_count' },
  ];
}

/** Reads samples, and drops those that are not finite or below `least`. Returns none if the read throws. */
function validSamples(read: () => readonly Sample[], least: number): readonly Sample[] {
  try {
    return read().filter(({ value }) => Number.isFinite(value) && value >= least);
  } catch {
    return [];
  }
}

type MetricType = 'gauge' | 'counter' | 'histogram';

/**
 * Registers a metric whose samples are read at each request. prom-client's own classes would need an update at each
 * change.
 */
function register(
  registry: Registry,
  type: MetricType,
  name: string,
  help: string,
  read: () => readonly Sample[],
): void {
  const metric = {
    name: prefix + name,
    help,
    type,
    get: async (): Promise<object> => ({
      name: prefix + name,
      help,
      type,
      aggregator: 'sum',
      values: validSamples(read, type === 'gauge' ? -Infinity : 0).map(({ labels, value, suffix = '' }) => ({
        labels,
        value,
        metricName: prefix + name + suffix,
      })),
    }),
    reset: () => undefined,
  };
  // The registry calls nothing but these members; its type wants one of prom-client's classes.
  registry.registerMetric(metric as unknown as Metric);
}

/**
 * Metrics of prom-client that look at each file or handle of the process at each request. With thousands of connections
 * that is a step of the event loop of ten milliseconds.
 */
const longSteps = [
  'process_open_fds',
  ...['handles', 'requests', 'resources'].flatMap((what) => [`nodejs_active_${what}`, `nodejs_active_${what}_total`]),
];

/**
 * Creates the registry of a daemon's metrics and of the runtime's. Its `metrics()` is the text of /metrics.
 * @param countFiles answers how many files the process has open; NaN if nobody can tell
 */
export function createRegistry(source: MetricsSource, version: string, countFiles = openFiles): Registry {
  const registry = new Registry();
  const { counters } = source;
  const gauge = (name: string, help: string, read: () => readonly Sample[]): void =>
    register(registry, 'gauge', name, help, read);
  const counter = (name: string, help: string, read: () => readonly Sample[]): void =>
    register(registry, 'counter', name, help, read);
  gauge('build_info', 'The version, as a label; always 1.', () => [{ labels: { version }, value: 1 }]);
  gauge('sessions', 'Open connections, by state.', () => byLabel('state', Object.entries(source.sessions())));
  gauge('sockets', "Clients' sockets from accept to close, by state.", () =>
    byLabel('state', Object.entries(source.sockets())),
  );
  gauge('rooms', 'Rooms with somebody in them.', () => single(source.rooms()));
  gauge('outbox_bytes', 'Bytes that wait for clients to read.', () => single(source.outboxBytes()));
  gauge('buffer_bytes', 'Bytes that connections keep in memory: input, waiting lines and pages read ahead.', () =>
    single(source.buffers().bytes),
  );
  gauge(
    'buffer_limit_bytes',
    'The most bytes that connections may keep; beyond it those that keep most are closed.',
    () => single(source.buffers().limit),
  );
  gauge('reads_waiting', 'Reads of the store that wait for their turn.', () => single(source.readsWaiting()));
  gauge('password_hashes', 'Password hashes, by state: running or waiting.', () =>
    byLabel('state', Object.entries(source.passwords())),
  );
  gauge('database_bytes', 'Size of the database.', () => single(source.files().database));
  gauge('wal_bytes', 'Size of the write-ahead log.', () => single(source.files().log));
  gauge('search_bytes', 'Size of the index of what was said.', () => single(source.files().search));
  gauge('disk_free_bytes', "Room on the data folder's file system.", () => single(source.diskFree() ?? NaN));
  gauge('search_lag_seconds', 'How long ago the oldest message was stored that searches do not find yet.', () =>
    single(source.searchLag().seconds),
  );
  gauge('search_lag_messages', 'How many messages searches do not find yet.', () =>
    single(source.searchLag().messages),
  );
  gauge('erasures_left', 'Erasures that failed and are tried again.', () => single(source.erasuresLeft()));
  gauge('store_writable', 'Whether commits succeed: 1 or 0.', () =>
    single(source.writing().failing === undefined ? 1 : 0),
  );
  gauge(
    'last_commit_age_seconds',
    'Time since a commit reached the disk. One is tried for this where none was in the last ten seconds.',
    () => single(source.writing().lastCommit ?? NaN),
  );
  gauge(
    'clock_behind_seconds',
    'By how much the clock is behind the newest message: so long all messages get the same time.',
    () => single(source.writing().clockBehind),
  );
  counter('messages_stored_total', 'Messages that were stored.', () => single(counters.messages));
  counter('messages_trimmed_total', 'Messages that were trimmed by retention.', () => single(counters.trimmed));
  counter('trimming_failures_total', 'Steps of the trimming that failed; they are tried again.', () =>
    single(counters.trimmingFailures),
  );
  counter('messages_delivered_total', 'Lines of messages that members other than the speaker were given.', () =>
    single(counters.lines),
  );
  counter(
    'replies_total',
    'Replies, by command and code: one for each line that came. A line that names no command has an empty one.',
    () =>
      Array.from(counters.replies, ([key, value]) => {
        const [command = '', code = ''] = key.split(' ');
        return { labels: { command, code }, value };
      }),
  );
  counter('requests_limited_total', "Requests that a limit refused, by the limit's setting or name.", () =>
    byLabel('limit', counters.limited),
  );
  counter('pauses_total', "Times that a session's next lines had to wait after too many refusals.", () =>
    single(counters.pauses),
  );
  counter('connections_refused_total', 'Connections that were not let in, by reason.', () =>
    byLabel('reason', counters.refused),
  );
  counter('connections_closed_total', 'Connections that the daemon closed, by reason.', () =>
    byLabel('reason', counters.closed),
  );
  register(registry, 'histogram', 'commit_messages', 'Messages in a commit.', () =>
    histogramSamples(counters.commitMessages, 1),
  );
  register(registry, 'histogram', 'commit_seconds', 'Time of a commit, its sync included.', () =>
    histogramSamples(counters.commitMilliseconds, 1000),
  );
  collectDefaultMetrics({ register: registry });
  for (const name of longSteps) registry.removeSingleMetric(name);
  const files: Gauge = new Gauge({
    name: 'process_open_fds',
    help: 'Number of open file descriptors.',
    registers: [registry],
    collect: async (): Promise<void> => {
      const count = await countFiles();
      if (Number.isNaN(count)) files.remove();
      else files.set(count);
    },
  });
  return registry;
}
