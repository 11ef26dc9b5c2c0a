// Generated from protocol/operator/commands/help.json by `npm run generate`. Change it there, not here.
import type { OperatorSpec } from '../../spec.js';

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

/** The spec of help. */
export const help: OperatorSpec = {
  name: 'help',
  summary: 'List all commands, or explain one.',
  user: 'any',
  reads: true,
  parameters: [{ name: 'about', field: 'topic_of_help', required: false }],
  codes: [11],
  example: {
    request: { command: 'help', about: 'unban' },
    reply: {
      about: 'unban',
      summary: 'End a ban.',
      parameters: [{ name: 'target', required: true, rule: "a user's name" }],
      codes: [1, 2, 3, 7, 11],
    },
  },
};
