// Collects the results of reading the settings: values that passed their checks, and one line per problem. The file,
// the environment and the command line add to them in this order, so that a later source's value replaces an earlier
// one's.

import { printable } from '../../text/printable.js';
import { setting } from './table.js';
import type { Key } from './table.js';

/** The results of reading the settings so far. */
export interface Findings {
  /** The checked value of each setting. */
  readonly values: Map<Key, unknown>;
  /** What is wrong, one line each. */
  readonly problems: string[];
}

/**
 * Checks a value, as TOML would give it. Stores the value, or adds its problem. `where` returns the beginning of the
 * problem's line; it gets the index of the wrong entry if the value is a list.
 */
export function take(findings: Findings, key: Key, value: unknown, where: (entry: number | undefined) => string): void {
  const checked = setting(key).kind.check(value);
  if (checked.ok) findings.values.set(key, checked.value);
  else complain(findings, `${where(checked.entry)} ${checked.problem}`);
}

/** Adds a problem. Escapes line feeds in it, so that it is one line. */
export function complain(findings: Findings, problem: string): void {
  findings.problems.push(printable(problem));
}

/**
 * Returns ` (did you mean …?)` with the known name that is most similar, or nothing if none is. `as` formats that name.
 */
export function suggestion(name: string, known: readonly string[], as: (name: string) => string): string {
  const ranked = known.map((candidate) => ({ candidate, typos: editDistance(name.toLowerCase(), candidate) }));
  // A name that differs in more than a third of its letters is another word.
  const near = ranked.filter(({ candidate, typos }) => typos <= Math.max(1, candidate.length / 3));
  const nearest = near.sort((one, other) => one.typos - other.typos)[0];
  return nearest === undefined ? '' : ` (did you mean ${as(nearest.candidate)}?)`;
}

/** The least number of letters to add, drop or replace (Levenshtein). Computes one row of the table at a time. */
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
