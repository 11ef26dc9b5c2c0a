// Generated from protocol/commands/list_tokens.json by `npm run generate`. Change it there, not here.

/** The parameters of list_tokens. */
export type ListTokensParameters = object;

/** The results of list_tokens, in the order in which they are sent. */
export interface ListTokensResults {
  /** one object per token: token_id, label, created, last_used, expires */
  readonly tokens: readonly {
    /** the part that names it */
    readonly token_id: string;
    /** what its user calls it, empty if nothing */
    readonly label: string;
    /** when it was made */
    readonly created: string;
    /** when somebody logged in by it last, to about a minute */
    readonly last_used?: string | undefined;
    /** when it expires, if by itself */
    readonly expires?: string | undefined;
  }[];
  /** true where not all of them fit in the line */
  readonly more?: boolean | undefined;
}
