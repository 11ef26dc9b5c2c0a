// Collects what reading the settings found: values that passed their checks, and one line for each thing that is wrong.
// The file, the environment and the command line write here in this order, so that a later source's value replaces an
// earlier one's.

import { printable } from '../printable.js';
import { setting } from './table.js';
import type { Key } from './table.js';

/** What reading the settings found so far. */
export interface Findings {
  /** The checked value of each setting. */
  readonly values: Map<Key, unknown>;
  /** What is wrong, one line each. */
  readonly problems: string[];
}

/**
 * Checks a value, as TOML would give it. Stores it, or adds what is wrong with it. `where` begins that line; it gets
 * the index of the wrong entry of a list.
 */
export function take(findings: Findings, key: Key, value: unknown, where: (entry: number | undefined) => string): void {
  const checked = setting(key).kind.check(value);
  if (checked.ok) findings.values.set(key, checked.value);
  else complain(findings, `${where(checked.entry)} ${checked.problem}`);
}

/** Adds something that is wrong, on one line whatever it quotes. */
export function complain(findings: Findings, problem: string): void {
  findings.problems.push(printable(problem));
}

/**
 * Returns ` (did you mean …?)` with the known name that is most similar, or nothing if none is. `as` formats that name.
 */
export function suggestion(name: string, known: readonly string[], as: (name: string) => string): string {
  const ranked = known.map((candidate) => ({ candidate, typos: editDistance(name.toLowerCase(), candidate) }));
  // With more typos than a third of the name it is another word.
  const near = ranked.filter(({ candidate, typos }) => typos <= Math.max(1, candidate.length / 3));
  const nearest = near.sort((one, other) => one.typos - other.typos)[0];
  return nearest === undefined ? '' : ` (did you mean ${as(nearest.candidate)}?)`;
}

/**
 * How many letters to add, drop or replace to get from one to the other (Levenshtein), one row of the table at a time.
 */
function editDistance(from: string, to: string): number {
  let row = Array.from(`${to} `).map((_, column) => column);
  for (const [index, letter] of Array.from(from).entries()) {
    let left = index + 1;
    let corner = 0;
    row = row.map((above, column) => {
      if (column > 0) left = Math.min(above + 1, left + 1, corner + (to[column - 1] === letter ? 0 : 1));
      corner = above;
      return left;
    });
  }
  return Number(row.at(-1));
}
