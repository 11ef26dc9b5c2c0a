// The plain form of a request, for people at a keyboard: `command value value …` (PROTOCOL.md §2.2).
import { fieldRules } from './generated/fields.js';
import type { ParameterSpec } from './spec.js';
import { hasLoneSurrogate } from './well-formed.js';

const jsonString = /"(?:[^"\\]|\\.)*"(?= |$)/y;
const bare = /[^ ]+/y;

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
 * Splits a line into its values, by parameter name. A value before the last may be a JSON string; the last one takes
 * the rest of the line as it stands. Undefined where a value begins with a quote and is not a JSON string.
 * @param rest what follows the command's name
 */
export function plainValues(rest: string, parameters: readonly ParameterSpec[]): Record<string, unknown> | undefined {
  const required = parameters.filter((parameter) => parameter.required);
  const taken = required.length > 0 ? required : parameters.slice(0, 1);
  const values: Record<string, unknown> = {};
  let at = 0;
  for (const [index, parameter] of taken.entries()) {
    while (rest[at] === ' ') at += 1;
    if (at === rest.length) break;
    if (index === taken.length - 1) {
      values[parameter.name] = typed(rest.slice(at), parameter);
    } else if (rest[at] === '"') {
      jsonString.lastIndex = at;
      const literal = jsonString.exec(rest)?.[0];
      const value = literal === undefined ? undefined : parseString(literal);
      if (literal === undefined || value === undefined) return undefined;
      values[parameter.name] = value;
      at += literal.length;
    } else {
      bare.lastIndex = at;
      const word = bare.exec(rest)?.[0] ?? '';
      values[parameter.name] = typed(word, parameter);
      at += word.length;
    }
  }
  return values;
}

function parseString(literal: string): string | undefined {
  if (hasLoneSurrogate(literal)) return undefined;
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}
