// Generated from protocol/commands/help.json by `npm run generate`. Change it there, not here.

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
  /** what the command does, in a sentence */
  readonly summary?: string | undefined;
  /** its parameters in plain-form order: name, required, rule */
  readonly parameters?: readonly {
    /** the parameter's name */
    readonly name: string;
    /** whether it must be given */
    readonly required: boolean;
    /** what values it takes */
    readonly rule: string;
  }[] | undefined;
  /** the codes that the command can answer with, besides 5 and 15, which any line can get */
  readonly codes?: readonly number[] | undefined;
  /** its short name (2.2) */
  readonly short?: string | undefined;
  /** how it is typed in the plain form, by the name that `about` has */
  readonly usage?: string | undefined;
  /** such a line */
  readonly example?: string | undefined;
  /** without `about`: the short names of all commands (2.2), for `?` and in the form `text` */
  readonly short_names?: readonly string[] | undefined;
  /** true if the line had no room for all */
  readonly more?: boolean | undefined;
}
