// Generated from protocol/operator/commands/help.json by `npm run generate`. Change it there, not here.

/** The parameters of help. */
export interface HelpParameters {
  readonly about?: string | undefined;
}

/** The results of help, in the order in which they are sent. */
export interface HelpResults {
  /** without `about`: the names of all commands */
  readonly commands?: readonly string[] | undefined;
  /** the command that is explained */
  readonly about?: string | undefined;
  /** what it does */
  readonly summary?: string | undefined;
  /** its parameters, with their rules */
  readonly parameters?: readonly {
    /** the parameter's name */
    readonly name: string;
    /** whether it must be given */
    readonly required: boolean;
    /** what values it takes */
    readonly rule: string;
  }[] | undefined;
  /** the codes that it can answer with */
  readonly codes?: readonly number[] | undefined;
}
