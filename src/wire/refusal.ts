// A reply that says no: what the checks of wire, the gates of session and the commands answer with. One shape, so that
// a refusal made anywhere is encoded in one place.
import { code, type Code } from './generated/codes.js';

export type Ref = string | number;

export interface Refusal {
  readonly code: Code;
  /** One English sentence for a person. */
  readonly error: string;
  /** The field that is missing (3) or invalid (7). */
  readonly field?: string;
  /** Milliseconds until trying again makes sense (14, 16). */
  readonly retry_after?: number;
  /** Given where the request was understood far enough to have them (PROTOCOL.md §3.2). */
  readonly command?: string | undefined;
  readonly ref?: Ref | undefined;
}

/** A refusal by the code's name, with what a program needs beside the sentence. */
export function refusal(name: keyof typeof code, error: string, more: Omit<Refusal, 'code' | 'error'> = {}): Refusal {
  return { code: code[name], error, ...more };
}
