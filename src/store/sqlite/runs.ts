// Runs, the rows of the log (migrations.ts, 2): what one commit brought to one room, cut where it grows long.
import type { UserId } from '../store.js';
import type { Row } from './database.js';
import { checked, DamageError, summed } from './sums.js';
import { maxRun, problemOfMessages } from './values.js';

export { maxRun };

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
  const list = parsed(messages);
  const problem = problemOfMessages(list, Number(first), Number(last));
  if (problem !== undefined) throw new DamageError(`a run can't be salond's: ${problem}`);
  return { room: Number(room), first: Number(first), time: Number(time), messages: list as Run['messages'] };
}

/** Undefined for what is no JSON. */
export function parsed(messages: unknown): unknown {
  try {
    return JSON.parse(String(messages));
  } catch {
    return undefined;
  }
}
