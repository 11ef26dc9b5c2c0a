// Measurements in turn: every server once, then every server again, so that what the machine's host does in the meantime
// meets all of them. And what is kept of them: medians.
import type { ByServer, ServerName } from './names.js';

/** The middle value; of an even number the mean of the two in the middle. NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2;
}

/** The median of each figure by itself. */
export function medians<Key extends string>(
  rounds: readonly Readonly<Record<Key, number>>[],
  keys: readonly Key[],
): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, median(rounds.map((round) => round[key]))])) as Record<Key, number>;
}

/** Rounded to as many digits as a measurement has to say, so that the kept results read well. */
export function significant(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}

/** A server that has failed this often is not asked again: each failure may take minutes. */
const patience = 2;

/** Measures each in turn. One that failed more often than not has no figures: null. */
export async function inTurn<Item extends { readonly name: ServerName }, Figure>(
  items: readonly Item[],
  rounds: number,
  measure: (item: Item, round: number) => Promise<Figure>,
  note: (text: string) => void,
): Promise<ByServer<readonly Figure[]>> {
  const taken = new Map(items.map((item) => [item, { figures: [] as Figure[], failures: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [item, so] of taken) {
      if (so.failures >= patience) continue;
      try {
        so.figures.push(await measure(item, round));
      } catch (error) {
        so.failures += 1;
        note(`${item.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return Object.fromEntries(
    [...taken].map(([{ name }, { figures, failures }]) => [name, figures.length > failures ? figures : null]),
  );
}

/** What is made of each server's rounds. */
export function each<From, To>(figures: ByServer<From>, make: (figure: From) => To): ByServer<To> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, figure === null ? null : make(figure as From)]),
  );
}
