// Generated from protocol/commands/create_user.json by `npm run generate`. Change it there, not here.

/** The parameters of create_user. */
export interface CreateUserParameters {
  readonly username: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly password: string;
  readonly invitation?: string | undefined;
}

/** The results of create_user, in the order in which they are sent. */
export interface CreateUserResults {
  /** the name as it is stored */
  readonly username: string;
  /** the first name as it was read */
  readonly first_name: string;
  /** the last name as it was read */
  readonly last_name: string;
}
