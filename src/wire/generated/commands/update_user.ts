// Generated from protocol/commands/update_user.json by `npm run generate`. Change it there, not here.

/** The parameters of update_user. */
export interface UpdateUserParameters {
  readonly first_name?: string | undefined;
  readonly last_name?: string | undefined;
  readonly status?: string | undefined;
}

/** The results of update_user, in the order in which they are sent. */
export type UpdateUserResults = object;
