// Generated from protocol/commands/get_server.json by `npm run generate`. Change it there, not here.

/** The parameters of get_server. */
export type GetServerParameters = object;

/** The results of get_server, in the order in which they are sent. */
export interface GetServerResults {
  /** the program's name */
  readonly name: string;
  /** its version */
  readonly version: string;
  /** the version of this contract */
  readonly protocol: number;
  /** the edition of this contract (3.6) */
  readonly edition: number;
  /** line_bytes, message_bytes, list (the greatest `limit`) */
  readonly limits: {
    /** the longest request line */
    readonly line_bytes: number;
    /** the longest `message` */
    readonly message_bytes: number;
    /** the greatest `limit` */
    readonly list: number;
  };
  /** `full`: a message is on disk before it is answered or shown; `relaxed`: a power loss may take the newest ones (5.1) */
  readonly durability: 'full' | 'relaxed';
  /** the names of all commands */
  readonly commands: readonly string[];
  /** the server's time */
  readonly time: string;
  /** the session's user, if it has one */
  readonly username?: string | undefined;
  /** true if the line had no room for all commands */
  readonly more?: boolean | undefined;
}
