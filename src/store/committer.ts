// What an adapter does to make a batch durable. GroupCommit gathers the batch and calls the adapter's committer.
import type { Author, Kind, LogId, Messages, Outcome } from './log.js';
import type { StoreFailure } from './store.js';
import type { Texts } from './texts.js';

/** Messages that gathered for one commit, in columns, in the order in which they were appended. Must not be changed. */
export interface Batch {
  readonly logs: readonly LogId[];
  readonly authors: readonly Author[];
  readonly texts: Texts;
  readonly kinds: readonly Kind[];
  /** The id of the message that each is about, 0 for none. */
  readonly about: readonly number[];
  readonly keys: readonly (string | undefined)[];
  /** Whether any of them has a key. */
  readonly isKeyed: boolean;
  /** Whether any of them is about another one. */
  readonly refers: boolean;
}

/** The ids and outcomes of a batch's messages (numbering.ts). */
export interface Numbering {
  /** The new messages of each log. A log appears once. */
  readonly stored: readonly Messages[];
  /** The outcome of each message of the batch. */
  readonly outcomes: readonly Outcome[];
  /**
   * The id of each message of the batch. A duplicate or a conflict has the id of the stored message, what was not
   * stored has 0.
   */
  readonly ids: readonly number[];
  /**
   * Why known keys and targets could not be read, or a log not be written, once for each message with the outcome
   * `failed`.
   */
  readonly unreadable: readonly StoreFailure[];
}

/** The outcome of a commit. */
export interface Result extends Numbering {
  /** Why single jobs failed, by their places among the jobs. */
  readonly failures: ReadonlyMap<number, StoreFailure>;
}

/**
 * A piece of work that is carried out within a commit's transaction. It may be carried out again, from its beginning,
 * after what it did was undone.
 */
export type Job = () => Promise<void>;

/**
 * The jobs of a commit. Each iteration begins with those that the last one had; beyond them there are as many as there
 * is time for.
 */
export interface Jobs extends Iterable<Job> {
  /** 0 where there are none. */
  readonly length: number;
}

/** Makes batches durable. GroupCommit calls one method at a time. */
export interface Committer {
  /**
   * Carries out `jobs` in order and stores the batch, all in one transaction, and fulfils when it is committed. The ids
   * are given here. A job that finds damage fails by itself: what it did is undone, and the rest is committed. Where no
   * message has a key and no job waits, the commit is on its way when the call returns, if the adapter knows the heads
   * of the batch's logs: the last batch is shown meanwhile.
   *
   * While the store is away this waits: it is settled when the outcome is known. Rejects with StoreFailure where
   * nothing of the transaction is or will be there, with another error where that can't be known.
   *
   * @param time of all messages of the batch, in milliseconds since 1970
   */
  commit(jobs: Jobs, batch: Batch, time: number): Promise<Result>;
  /** Within a commit: writes something that changes nothing, so that the commit has to reach the disk. */
  touch(): Promise<void>;
  /**
   * Allows messages with an earlier time than stored ones have, over a restart too. Not called within a commit. Rejects
   * with StoreFailure.
   */
  allowEarlier(): Promise<void>;
}
