// Generated from protocol/commands/list_blocked.json by `npm run generate`. Change it there, not here.

/** The parameters of list_blocked. */
export type ListBlockedParameters = object;

/** The results of list_blocked, in the order in which they are sent. */
export interface ListBlockedResults {
  /** their names */
  readonly users: readonly string[];
  /** true if the line had no room for all names */
  readonly more?: boolean | undefined;
}
