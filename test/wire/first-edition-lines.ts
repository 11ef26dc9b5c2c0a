// The plain form as the first edition of the contract had it, kept to compare with: what a line of that edition meant,
// it means still.
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { fieldRules } from '../../src/wire/generated/fields.js';
import type { CommandSpec, ParameterSpec } from '../../src/wire/spec.js';

const jsonString = /"(?:[^"\\]|\\.)*"(?= |$)/y;
const bare = /[^ ]+/y;

const truths: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['on', true],
  ['yes', true],
  ['false', false],
  ['off', false],
  ['no', false],
]);

function typed(value: string, { field }: ParameterSpec): unknown {
  const kind = fieldRules[field]?.kind;
  if (kind === 'integer' && /^\d+$/.test(value)) return Number(value);
  const truth = kind === 'boolean' ? truths.get(value.toLowerCase()) : undefined;
  return truth ?? value;
}

function parseString(literal: string): string | undefined {
  try {
    const value = JSON.parse(literal) as string;
    return /\p{Cs}/u.test(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

/** The values of a line, by parameter name. Undefined where the line is malformed. */
export function firstEditionValues(
  rest: string,
  parameters: readonly ParameterSpec[],
): Record<string, unknown> | undefined {
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

/** The commands that the first edition had. */
export const firstEditionSpecs: readonly CommandSpec[] = Object.values(commandSpecs).filter(
  ({ edition }: CommandSpec) => edition !== 2,
);
