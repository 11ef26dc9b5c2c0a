// The plain form of a request, for people at a keyboard: `command value value …` (PROTOCOL.md §2.2). A form says which
// values stand in which order. It is made once for each name of a command: the short name leaves out `username`.
import { fieldRules } from './generated/fields.js';
import type { CommandSpec, ParameterSpec } from './spec.js';
import { hasLoneSurrogate } from './well-formed.js';

/**
 * A value of a line, and how far it goes. `part`: to the next space, or a JSON string; others must follow. `word`: to
 * the next space too, because its rule leaves no room for one; others may follow. `rest`: to the end of the line.
 */
interface Place {
  readonly parameter: ParameterSpec;
  readonly takes: 'part' | 'word' | 'rest';
}

/** How a person writes a command by one of its names. */
export interface PlainForm {
  /** The name that stands first: the command's full or short one. */
  readonly name: string;
  readonly places: readonly Place[];
  /** The form in one line, `join ROOM [AFTER] [PASSWORD...]`: dots where a value takes the rest of the line. */
  readonly usage: string;
  /** Whether `username` is left out and is the session's own. */
  readonly fillsIn: boolean;
}

/**
 * The parameters that a line can give, in their order. One that excludes an earlier one (`exclusive`) can't follow it,
 * so it has no place. Nor has any that comes after a text: that takes the rest of the line.
 */
function placesOf(parameters: readonly ParameterSpec[], exclusive: readonly string[]): Place[] {
  const places: Place[] = [];
  const lastRequired = parameters.findLastIndex(({ required }) => required);
  for (const [index, parameter] of parameters.entries()) {
    const excluded =
      exclusive.includes(parameter.name) && places.some((each) => exclusive.includes(each.parameter.name));
    if (excluded && !parameter.required) continue;
    const isText = fieldRules[parameter.field]?.kind === 'text';
    const takes = index < lastRequired ? 'part' : isText ? 'rest' : 'word';
    places.push({ parameter, takes });
    if (takes === 'rest') break;
  }
  return places;
}

function usageOf(name: string, places: readonly Place[]): string {
  const words = places.map(({ parameter, takes }) => {
    const word = parameter.name.toUpperCase() + (takes === 'rest' ? '...' : '');
    return parameter.required ? word : `[${word}]`;
  });
  return [name, ...words].join(' ');
}

/** Makes the form of a command by its full name. */
export function fullForm({ name, parameters, exclusive = [] }: CommandSpec): PlainForm {
  const places = placesOf(parameters, exclusive);
  return { name, places, usage: usageOf(name, places), fillsIn: false };
}

/** Makes the form of a command by its short name. Undefined where it has none. */
export function shortForm({ short, user, parameters, exclusive = [] }: CommandSpec): PlainForm | undefined {
  if (short === undefined) return undefined;
  const others = parameters.filter(({ name }) => name !== 'username');
  const fillsIn = user === 'own' && others.length < parameters.length;
  const places = placesOf(fillsIn ? others : parameters, exclusive);
  return { name: short, places, usage: usageOf(short, places), fillsIn };
}

const jsonString = /"(?:[^"\\]|\\.)*"(?= |$)/y;

/** The JSON string that begins there, in its quotes. It ends before a space, or with the line. */
function literalAt(rest: string, at: number): string | undefined {
  jsonString.lastIndex = at;
  return jsonString.exec(rest)?.[0];
}

/**
 * Turns digits for an integer parameter into that integer, and `on` or `no` for a boolean one into that value.
 * Everything else stays a string, which the checks judge. The string is a copy: a part that is cut from a string keeps
 * all of it in memory, and a name may be kept for minutes (accounts/backoff.ts) while its line has 16 KB.
 */
function typed(value: string, { field }: ParameterSpec): unknown {
  const kind = fieldRules[field]?.kind;
  if (kind === 'integer' && /^\d+$/.test(value)) return Number(value);
  const truth = kind === 'boolean' ? truths.get(value.toLowerCase()) : undefined;
  return truth ?? Buffer.from(value).toString();
}

/** How a person writes true and false. */
const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['off', false],
  ['no', false],
]);

/**
 * Splits a line into its values, by parameter name. Undefined where a value that others must follow begins with a quote
 * and is no JSON string.
 *
 * Of a `word` quotes are part, as of a `rest`, unless a JSON string stands there that another value follows: so the
 * last value of a line is always taken as it stands. Where nothing can follow a `word`, it has all words that are left,
 * and its rule refuses them.
 * @param rest what follows the command's name
 */
export function plainValues(rest: string, { places }: Pick<PlainForm, 'places'>): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {};
  let at = 0;
  for (const [index, { parameter, takes }] of places.entries()) {
    while (rest[at] === ' ') at += 1;
    if (at === rest.length) break;
    const isLast = index === places.length - 1;
    const literal = rest[at] === '"' && !isLast && takes !== 'rest' ? literalAt(rest, at) : undefined;
    if (literal !== undefined && (takes === 'part' || !isBlank(rest, at + literal.length))) {
      const value = parseString(literal);
      if (value === undefined) return undefined;
      values[parameter.name] = value;
      at += literal.length;
      continue;
    }
    if (takes === 'part' && rest[at] === '"') return undefined;
    const end = takes === 'rest' || (takes === 'word' && isLast) ? rest.length : endOfWord(rest, at);
    const value = rest.slice(at, end);
    const isEnd = takes === 'word' && isBlank(rest, end);
    values[parameter.name] = typed(isEnd ? withoutBlanks(value) : value, parameter);
    if (isEnd) break;
    at = end;
  }
  return values;
}

function endOfWord(rest: string, at: number): number {
  const space = rest.indexOf(' ', at);
  return space === -1 ? rest.length : space;
}

/** Whether only spaces and tabs follow. */
export function isBlank(text: string, from: number): boolean {
  for (let at = from; at < text.length; at += 1) if (text[at] !== ' ' && text[at] !== '\t') return false;
  return true;
}

/** The value without blanks at its end, unless it has nothing else. */
function withoutBlanks(value: string): string {
  let end = value.length;
  while (end > 0 && (value[end - 1] === ' ' || value[end - 1] === '\t')) end -= 1;
  return end === 0 ? value : value.slice(0, end);
}

function parseString(literal: string): string | undefined {
  if (hasLoneSurrogate(literal)) return undefined;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
