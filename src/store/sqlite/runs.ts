// Runs, the rows of the log (migrations.ts, 2): what one commit brought to one room, cut where it grows long.
import type { UserId } from '../store.js';
import type { Row } from './database.js';
import { checked, DamageError, summed } from './sums.js';

/** Messages in a run at most: what a reader of one message reads with it. */
export const maxRun = 100;

export interface Run {
  readonly room: number;
  readonly first: number;
  readonly time: number;
  /** Author and text of the messages from `first` on. */
  readonly messages: readonly (readonly [UserId, string])[];
}

/** SQL: what `runOf` needs of the runs `r`. */
export const runColumns = summed('runs', 'r.');

/** A row as a run, checked. Throws DamageError. */
export function runOf(row: Row): Run {
  const { room, first, last, time, messages } = checked('runs', row);
  const run = { room: Number(room), first: Number(first), time: Number(time), messages: JSON.parse(String(messages)) as Run['messages'] };
  if (run.messages.length !== Number(last) - run.first + 1) throw new DamageError('a run has another length than it says');
  return run;
}
