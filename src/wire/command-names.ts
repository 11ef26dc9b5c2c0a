// The names by which commands are found (PROTOCOL.md §2.2): the full ones, which are case-sensitive and valid in both
// forms; and the short ones, which people type in any case, with or without a slash. Finds the nearest one too, for
// those who made a slip.
import { editDistance } from '../text/edit-distance.js';
import type { CommandSpec } from './spec.js';

/** A name, as people would have typed it, and what to suggest in its place. */
interface Candidate {
  readonly name: string;
  readonly full: string;
}

/** No name has more characters, and none that has more is near one. */
const longest = 32;

/** A word of printable ASCII in small letters and without a slash in front, or undefined: no short name is other. */
function plainWord(word: string): string | undefined {
  if (word.length > longest || !/^[!-~]+$/.test(word)) return undefined;
  return (word.startsWith('/') ? word.slice(1) : word).toLowerCase();
}

/** How many slips a word of that length may have. */
function slipsIn(length: number): number {
  return length < 3 ? 0 : Math.min(3, Math.floor(length / 3));
}

/** The names of some commands. */
export class CommandNames {
  readonly #byShort: ReadonlyMap<string, CommandSpec>;
  readonly #candidates: readonly Candidate[];

  /** @param specs in the order in which equally near names are preferred */
  constructor(specs: readonly CommandSpec[]) {
    this.#byShort = new Map(specs.flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec]])));
    this.#candidates = specs.flatMap(({ name, short }) => [
      ...(short === undefined ? [] : [{ name: short, full: name }]),
      { name, full: name },
    ]);
  }

  /** The command of which the word is the short name, in any case, with or without a slash. */
  byShort(word: string): CommandSpec | undefined {
    const plain = plainWord(word);
    return plain === undefined ? undefined : this.#byShort.get(plain);
  }

  /**
   * The name that a word was probably meant to be: the one with the fewest slips between, else the shortest that begins
   * with the word. Undefined where none is near. Takes some microseconds, whatever the word.
   * @param form in which the word stands: in JSON only full names are suggested
   */
  nearest(word: string, form: 'plain' | 'json'): string | undefined {
    const plain = plainWord(word);
    if (plain === undefined || plain === '') return undefined;
    const near = this.#fewestSlips(plain) ?? this.#beginningWith(plain);
    return form === 'plain' ? near?.name : near?.full;
  }

  #fewestSlips(word: string): Candidate | undefined {
    let most = slipsIn(word.length);
    let nearest: Candidate | undefined;
    for (const candidate of this.#candidates) {
      const distance = editDistance(word, candidate.name, most);
      if (distance > most) continue;
      nearest = candidate;
      // Another one has to be nearer still.
      most = distance - 1;
      if (most < 0) break;
    }
    return nearest;
  }

  #beginningWith(word: string): Candidate | undefined {
    if (word.length < 3) return undefined;
    const beginning = this.#candidates.filter(({ name }) => name.startsWith(word));
    return beginning.sort((one, other) => one.name.length - other.name.length)[0];
  }
}
