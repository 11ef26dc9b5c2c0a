// The streams that a run of the program reads and writes. Only the password, texts and pictures go through them: a file
// that is `-` is written and read by its descriptor (local.ts).

/** A stream to read, which may be a terminal. */
export type Input = AsyncIterable<Uint8Array> & { readonly isTTY?: boolean };

/** A stream to write, which may be a terminal. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** The streams of a run: those of the process, or a test's. */
export interface Streams {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
}
