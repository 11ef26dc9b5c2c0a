// Refusals: what the checks of wire, the gates of session and the commands answer in the place of a success.
import { code, type Code } from './generated/codes.js';
import { say, type Sentence } from './words.js';

/** A request's `ref`, which its reply repeats (PROTOCOL.md §2.3). */
export type Ref = string | number;

/** A reply that says no (PROTOCOL.md §3.2). */
export interface Refusal {
  readonly code: Code;
  /** One sentence for a person. */
  readonly error: Sentence;
  /** The field that is missing (3) or invalid (7). */
  readonly field?: string;
  /** Milliseconds until trying again makes sense (14, 16). */
  readonly retry_after?: number;
  /** Given where the request was understood far enough to have them (PROTOCOL.md §3.2). */
  readonly command?: string | undefined;
  readonly ref?: Ref | undefined;
  /** As in `AnyRequest` (request.ts). No line shows it. */
  readonly edition?: 2 | undefined;
}

/**
 * What the client reads as `error`. In French the sentences of codes 2 to 4 begin with the words of the founding
 * specification; in English they stand alone.
 */
export function errorOf({ code: number, error, command }: Refusal): Sentence {
  switch (number) {
    case code.failed:
      return say('of_code_2', { error });
    case code.missing_field:
      return say('of_code_3', { error });
    case code.refused:
      return say(command === 'create_user' ? 'of_code_4_making' : 'of_code_4_logging_in', { error });
    default:
      return error;
  }
}

/**
 * Makes a refusal.
 * @param name that of the code
 * @param error a sentence for a person
 * @param more the members for programs
 */
export function refusal(name: keyof typeof code, error: Sentence, more: Omit<Refusal, 'code' | 'error'> = {}): Refusal {
  return { code: code[name], error, ...more };
}
