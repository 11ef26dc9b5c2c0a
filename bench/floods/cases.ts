// What is measured, in the order of the table: the room without an attack, each attack alone, and all of them together.
import { BenchError } from '../arguments.js';
import type { Attack } from './attack.js';
import { attacks } from './attacks/list.js';
import type { hashes } from './data.js';

/** One row of the table. */
export interface Case {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  /** The attacks that run at the same time; none for the room alone. */
  readonly attacks: readonly Attack[];
  readonly hashes: keyof typeof hashes;
  /** Whether a check of a password costs what the default settings say from the beginning of the attacks on. */
  readonly raised: boolean;
}

const alone: Case = { name: 'alone', title: 'nothing', attacks: [], hashes: 'cheap', raised: false };

/** Thousands of attackers log in for it, so by cheap hashes. */
const together: Case = {
  name: 'together',
  title: '**all of these together**',
  attacks: attacks.filter(({ isComparison = false }) => !isComparison),
  hashes: 'cheap',
  raised: true,
};

/** All rows. */
export const cases: readonly Case[] = [
  alone,
  ...attacks.map((attack) => ({
    name: attack.name,
    title: attack.title,
    attacks: [attack],
    hashes: attack.hashes ?? ('cheap' as const),
    raised: false,
  })),
  together,
];

/** The cases of those names, and the room alone; all if none is named. Throws BenchError for an unknown name. */
export function casesOf(names: readonly string[]): readonly Case[] {
  const known = cases.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new BenchError(`there is no attack ${unknown}: they are ${known.join(' ')}`);
  return names.length === 0 ? cases : cases.filter(({ name }) => name === alone.name || names.includes(name));
}
