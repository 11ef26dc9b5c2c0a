// The rounds that were measured, in a file with a line of JSON for each, so that a run that was interrupted can go on.
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { BenchError } from '../arguments.js';
import { unmeasured, type Round } from './figures.js';

/** One line of the file. */
interface Entry {
  /** The name of the case. */
  readonly name: string;
  /** Seconds of each round, as the command line has them. */
  readonly seconds: number;
  readonly round: Round;
}

/** All rounds that were measured, by case. */
export class Journal {
  readonly #file: string;
  readonly #seconds: number;
  readonly #rounds = new Map<string, Round[]>();

  /**
   * @param file may be missing
   * @param seconds those of each round. Throws BenchError if the file has rounds of another length
   * @param continues whether the rounds in the file count; otherwise it is emptied
   */
  constructor(file: string, seconds: number, continues: boolean) {
    this.#file = file;
    this.#seconds = seconds;
    if (!continues) rmSync(file, { force: true });
    if (!existsSync(file)) return;
    for (const line of readFileSync(file, 'utf8').split('\n').filter(Boolean)) {
      const entry = parseEntry(line);
      if (entry.seconds !== seconds)
        throw new BenchError(
          `${file} has rounds of ${entry.seconds} s: set SECONDS=${entry.seconds}, or do not continue`,
        );
      this.#of(entry.name).push(entry.round);
    }
  }

  /** The rounds of a case so far. */
  of(name: string): readonly Round[] {
    return this.#of(name);
  }

  /** Adds a round, and writes it to the file. */
  add(name: string, round: Round): void {
    this.#of(name).push(round);
    appendFileSync(this.#file, `${formatEntry({ name, seconds: this.#seconds, round })}\n`);
  }

  #of(name: string): Round[] {
    const rounds = this.#rounds.get(name) ?? [];
    this.#rounds.set(name, rounds);
    return rounds;
  }
}

/** A line of the file. JSON has no maps. */
export function formatEntry(entry: Entry): string {
  return JSON.stringify(entry, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<unknown, unknown>)] : value,
  );
}

/** Reads a line of the file. JSON has null for a figure that is not a number. */
export function parseEntry(line: string): Entry {
  const entry = JSON.parse(line, (key, value: unknown) => {
    if (key === 'refused') return new Map(value as [string, number][]);
    return value === null ? NaN : value;
  }) as Entry;
  return { ...entry, round: { ...unmeasured, ...entry.round } };
}
