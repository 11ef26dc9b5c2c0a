// What an adapter does to make a batch durable, and what it is given: the messages that gathered, in columns.
import type { Author, Kind, LogId, Messages, Outcome } from './log.js';
import type { StoreFailure } from './store.js';
import type { Texts } from './texts.js';

/** Messages that gathered for one commit, in the order in which they were appended. */
export interface Batch {
  readonly logs: readonly LogId[];
  readonly authors: readonly Author[];
  readonly texts: Texts;
  readonly kinds: readonly Kind[];
  readonly about: readonly number[];
  readonly keys: readonly (string | undefined)[];
  /** Whether any of them has a key. */
  readonly isKeyed: boolean;
}

/** What became of a batch. */
export interface Result {
  /** What each log got, once a log. */
  readonly stored: readonly Messages[];
  /** For each message of the batch. */
  readonly outcomes: readonly Outcome[];
  readonly ids: readonly number[];
  /** Jobs that failed by themselves, by their places. */
  readonly failures: ReadonlyMap<number, StoreFailure>;
  /** What could not be read of known keys. */
  readonly unreadable: readonly StoreFailure[];
}

/** One call at a time. */
export interface Committer {
  /**
   * Carries out `jobs` in order and stores the batch, all in one transaction, and fulfils when it is committed. The ids
   * are given here. A job that finds damage fails by itself: what it did is undone, and the rest is committed. While
   * the store is away this waits: it is settled when the outcome is known. Rejects with StoreFailure when nothing of the
   * transaction is or will be there, with anything else when that can't be known.
   */
  commit(jobs: readonly (() => Promise<void>)[], batch: Batch, time: number): Promise<Result>;
  /** Within a commit: writes something that changes nothing, so that the commit needs the disk. */
  touch(): Promise<void>;
  /**
   * Keeps, over a restart too, that messages may have an earlier time than those that are stored now. Not within a
   * commit. Rejects with StoreFailure.
   */
  allowEarlier(): Promise<void>;
}
