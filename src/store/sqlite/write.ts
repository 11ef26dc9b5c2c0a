// How the parts of an erasure write.

/** Carries out a job of a commit. */
export type Write = <Result>(work: () => Promise<Result>) => Promise<Result>;
