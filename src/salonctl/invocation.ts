// What was asked for on the command line.
import type { CommandSpec } from '../wire/spec.js';
import type { LocalCommand, Options } from './local.js';

/** Options that may stand anywhere. */
export interface GlobalOptions {
  readonly json: boolean;
  /** The path of the control socket. */
  readonly socket: string | undefined;
  /** Seconds without a line from the daemon; 0 for no limit. */
  readonly timeout: number | undefined;
}

/** A command of the daemon's: the request, but for a password, which is never typed among arguments. */
export interface RequestInvocation {
  readonly kind: 'request';
  readonly words: string;
  readonly spec: CommandSpec;
  readonly request: Readonly<Record<string, unknown>>;
  readonly options: GlobalOptions;
}

/** A command of salonctl's own (local.ts). */
export interface LocalInvocation {
  readonly kind: 'local';
  readonly words: string;
  readonly command: LocalCommand;
  readonly values: readonly string[];
  readonly given: Options;
  readonly options: GlobalOptions;
}

/** Something to read. Where that is because nothing was asked, `status` is 64, and it is for standard error. */
export interface TextInvocation {
  readonly kind: 'text';
  readonly text: string;
  readonly status: 0 | 64;
}

export type Invocation = RequestInvocation | LocalInvocation | TextInvocation;
