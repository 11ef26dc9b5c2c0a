// The kinds of value that a setting can have; table.ts uses them. Each kind checks a value as the TOML parser gives it,
// describes the values that it takes (for errors, --help and the example file), and turns the text of an environment
// variable or a flag into the value that TOML would have given.

/**
 * A value, or what is wrong with it. `problem` completes "KEY …"; `entry` is the index of the wrong entry of a list.
 */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string; readonly entry?: number };

/** One kind of value. */
export interface Kind<T> {
  /** Completes "must be …". */
  readonly takes: string;
  /** Checks a value as the TOML parser gives it. */
  check(value: unknown): Checked<T>;
  /**
   * The value that TOML would give for the text. A text of another kind is returned as it is, and `check` refuses it.
   */
  fromText(text: string): unknown;
}

/** One kind of entry in a list. */
export interface EntryKind<T> {
  /** Completes "a list of 1 to 64 …". */
  readonly plural: string;
  /** Parses an entry; undefined if it is not of this kind. */
  read(text: string): T | undefined;
}

/** An integer within a range, both ends included. */
export function integer(from: number, to: number): Kind<number> {
  const takes = `an integer from ${from} to ${to}`;
  return {
    takes,
    check: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
        ? { ok: true, value }
        : mustBe(takes, value),
    fromText: (text) => (/^[+-]?\d{1,15}$/.test(text) ? Number(text) : text),
  };
}

/** An integer within a range, or 0, which stands for a choice of the daemon's own. */
export function integerOrZero(from: number, to: number): Kind<number> {
  const inRange = integer(from, to);
  const takes = `0, or ${inRange.takes}`;
  return {
    takes,
    check: (value) =>
      value === 0 || inRange.check(value).ok ? { ok: true, value: Number(value) } : mustBe(takes, value),
    fromText: (text) => inRange.fromText(text),
  };
}

/** `true` or `false`. */
export function boolean(): Kind<boolean> {
  const takes = 'true or false';
  return {
    takes,
    check: (value) => (typeof value === 'boolean' ? { ok: true, value } : mustBe(takes, value)),
    fromText: (text) => (text === 'true' ? true : text === 'false' ? false : text),
  };
}

/** One of the given names. */
export function choice<const Names extends readonly [string, ...string[]]>(...names: Names): Kind<Names[number]> {
  const takes = `one of ${names.map((name) => `"${name}"`).join(', ')}`;
  const isName = (value: unknown): value is Names[number] => names.some((name) => name === value);
  return {
    takes,
    check: (value) => (isName(value) ? { ok: true, value } : mustBe(takes, value)),
    fromText: (text) => text,
  };
}

/** A string without control characters. Its length is counted in code points after NFC, as PROTOCOL.md counts. */
export function text(from: number, to: number): Kind<string> {
  const takes = `a string of ${from} to ${to} characters without control characters`;
  const fits = (value: string): boolean => {
    const length = Array.from(value.normalize('NFC')).length;
    return length >= from && length <= to && !/\p{Cc}/u.test(value);
  };
  return {
    takes,
    check: (value) => (typeof value === 'string' && fits(value) ? { ok: true, value } : mustBe(takes, value)),
    fromText: (given) => given,
  };
}

/** A list of strings, each an entry of the given kind. In an environment variable commas separate them. */
export function list<T>(each: EntryKind<T>, from: number, to: number): Kind<readonly T[]> {
  const takes = `a list of ${from} to ${to} ${each.plural}`;
  return {
    takes,
    check: (value) => (Array.isArray(value) ? checkEntries(value, each, from, to) : mustBe(takes, value)),
    fromText: (given) => (given.trim() === '' ? [] : given.split(',').map((entry) => entry.trim())),
  };
}

function checkEntries<T>(
  entries: readonly unknown[],
  each: EntryKind<T>,
  from: number,
  to: number,
): Checked<readonly T[]> {
  if (entries.length < from || entries.length > to) {
    return { ok: false, problem: `must have ${from} to ${to} entries, not ${entries.length}` };
  }
  const values: T[] = [];
  for (const [index, entry] of entries.entries()) {
    const value = typeof entry === 'string' ? each.read(entry) : undefined;
    if (value === undefined) {
      return { ok: false, problem: `must hold ${each.plural}, not ${shown(entry)}`, entry: index };
    }
    values.push(value);
  }
  return { ok: true, value: values };
}

function mustBe(takes: string, value: unknown): Checked<never> {
  return { ok: false, problem: `must be ${takes}, not ${shown(value)}` };
}

/** The value as an error shows it: a string is cut to 60 characters. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object') return 'a table';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') return typeof value;
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
