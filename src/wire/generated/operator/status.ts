// Generated from protocol/operator/commands/status.json by `npm run generate`. Change it there, not here.

/** The parameters of status. */
export type StatusParameters = object;

/** The results of status, in the order in which they are sent. */
export interface StatusResults {
  /** the daemon's version */
  readonly version: string;
  /** its process id */
  readonly pid: number;
  /** `running`, or `draining` */
  readonly state: 'starting' | 'running' | 'draining' | 'stopping';
  /** `full` or `relaxed` */
  readonly durability: 'full' | 'relaxed';
  /** seconds since the start */
  readonly uptime: number;
  /** open connections */
  readonly sessions: number;
  /** open connections with a user */
  readonly users: number;
  /** rooms with somebody in them */
  readonly rooms: number;
  /** messages stored since the start */
  readonly messages: number;
  /** messages sent to members since the start */
  readonly delivered: number;
  /** resident memory in bytes */
  readonly memory: number;
  /** size of salond.db in bytes */
  readonly database: number;
  /** size of its write-ahead log in bytes */
  readonly log: number;
  /** bytes that the file system of the data folder still has room for; null where the system can't tell */
  readonly disk_free: number | null;
  /** connections refused since the start: an object of reasons and their counts */
  readonly refused: Readonly<Record<string, number>>;
  /** the event loop's longest delay since the last status, in milliseconds */
  readonly loop_delay: number;
  /** whether commits succeed */
  readonly writable: boolean;
  /** why they do not */
  readonly problem?: string | undefined;
  /** seconds since a commit reached the disk */
  readonly last_commit?: number | undefined;
  /** seconds by which the machine's clock is behind the newest message */
  readonly clock_behind: number;
  /** size of salond.search, the index of what was said, in bytes */
  readonly search: number;
  /** how many seconds ago the oldest message was stored that searches don't find yet; 0 for none */
  readonly search_lag: number;
  /** how many messages searches don't find yet */
  readonly search_lag_messages: number;
}
