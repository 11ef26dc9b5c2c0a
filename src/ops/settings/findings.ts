// What reading the settings has brought to light so far: values that passed their checks, and one line for each thing that is
// wrong. File, environment and command line all write here, in this order, so that the later one's value stands.

import { printable } from '../printable.js';
import { setting } from './table.js';
import type { Key } from './table.js';

export interface Findings {
  readonly values: Map<Key, unknown>;
  readonly problems: string[];
}

/** Checks a value (as TOML would give it) and keeps it, or says what is wrong; `where` gets the entry of a list at fault. */
export function take(findings: Findings, key: Key, value: unknown, where: (entry: number | undefined) => string): void {
  const checked = setting(key).kind.check(value);
  if (checked.ok) findings.values.set(key, checked.value);
  else complain(findings, `${where(checked.entry)} ${checked.problem}`);
}

/** One more thing that is wrong, whatever it quotes kept to one line. */
export function complain(findings: Findings, problem: string): void {
  findings.problems.push(printable(problem));
}

/** ` (did you mean …?)` with the name that comes closest, or nothing when none does. `as` dresses the name up. */
export function suggestion(name: string, known: readonly string[], as: (name: string) => string): string {
  const ranked = known.map((candidate) => ({ candidate, slips: slips(name.toLowerCase(), candidate) }));
  // Beyond a third of the name it is another word, no slip of the finger.
  const near = ranked.filter(({ candidate, slips }) => slips <= Math.max(1, candidate.length / 3));
  const nearest = near.sort((a, b) => a.slips - b.slips)[0];
  return nearest === undefined ? '' : ` (did you mean ${as(nearest.candidate)}?)`;
}

// Letters to add, drop or replace to make one of the other (Levenshtein), one row of the table at a time.
function slips(from: string, to: string): number {
  let row = [...to, ''].map((_, column) => column);
  for (const [index, letter] of [...from].entries()) {
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
