// Rounds of measurements and their medians. In a round every server is measured once, so that a disturbance of the
// machine affects all of them alike.
import type { ByServer, ServerName } from './names.js';

/** The median: for an even number of values, the mean of the two in the middle. NaN for no values. */
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

/** The value, rounded to the digits that a measurement can be trusted for. */
export function significant(value: number, digits = 5): number {
  return Number(value.toPrecision(digits));
}

/** The number of failures after which a server is not measured any more: each may take minutes. */
const patience = 2;

/** Measures all servers by turns. The result of one that failed more often than not is null. */
export async function inTurn<Item extends { readonly name: ServerName }, Figure>(
  items: readonly Item[],
  rounds: number,
  measure: (item: Item, round: number) => Promise<Figure>,
  note: (text: string) => void,
): Promise<ByServer<readonly Figure[]>> {
  const taken = new Map(items.map((item) => [item, { figures: [] as Figure[], failures: 0 }]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [item, results] of taken) {
      if (results.failures >= patience) continue;
      try {
        results.figures.push(await measure(item, round));
      } catch (error) {
        results.failures += 1;
        note(`${item.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return Object.fromEntries(
    [...taken].map(([{ name }, { figures, failures }]) => [name, figures.length > failures ? figures : null]),
  );
}

/** Applies `make` to the figures of each server; null stays null. */
export function each<From, To>(figures: ByServer<From>, make: (figure: From) => To): ByServer<To> {
  return Object.fromEntries(
    Object.entries(figures).map(([name, figure]) => [name, figure === null ? null : make(figure as From)]),
  );
}
