// The result of parsing the command line.
import type { CommandSpec } from '../wire/spec.js';
import type { LocalCommand, Options } from './local.js';

/** Options that may stand anywhere on the command line. */
export interface GlobalOptions {
  readonly json: boolean;
  /** The path of the control socket. */
  readonly socket: string | undefined;
  /** Seconds without a line from the daemon; 0 for no limit. */
  readonly timeout: number | undefined;
}

/** A command of the daemon. The request has no password yet, because a password is never an argument. */
export interface RequestInvocation {
  readonly kind: 'request';
  readonly words: string;
  readonly spec: CommandSpec;
  readonly request: Readonly<Record<string, unknown>>;
  readonly options: GlobalOptions;
}

/** A command that salonctl carries out by itself (local.ts). */
export interface LocalInvocation {
  readonly kind: 'local';
  readonly words: string;
  readonly command: LocalCommand;
  readonly values: readonly string[];
  readonly given: Options;
  readonly options: GlobalOptions;
}

/** A text to show, such as help. `status` is 64 if no command was given, and the text goes to standard error then. */
export interface TextInvocation {
  readonly kind: 'text';
  readonly text: string;
  readonly status: 0 | 64;
}

/** The parsed command line. */
export type Invocation = RequestInvocation | LocalInvocation | TextInvocation;
