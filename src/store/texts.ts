// The texts of messages as bytes: each is a view (begin, end) of one buffer, and stands there as between the quotes of a
// JSON string in UTF-8, so that showing and storing it is copying it.

/** Texts, one after the other in one buffer. Nobody may change the bytes. */
export interface Texts {
  readonly bytes: Buffer;
  /** Where each begins in `bytes`, and where it ends. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}
