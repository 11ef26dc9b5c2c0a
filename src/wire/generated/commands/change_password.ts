// Generated from protocol/commands/change_password.json by `npm run generate`. Change it there, not here.

/** The parameters of change_password. */
export interface ChangePasswordParameters {
  readonly password: string;
  readonly new_password: string;
}

/** The results of change_password, in the order in which they are sent. */
export type ChangePasswordResults = object;
