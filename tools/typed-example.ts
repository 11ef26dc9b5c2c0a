// Writes the examples of commands as a person types them, in the plain form (PROTOCOL.md §2.2).
import { fullForm, shortForm, type PlainForm } from '../src/wire/plain.js';
import type { CommandFile } from './protocol-files.js';

/** A value in the plain form. Where others must follow it, one that would be read differently is a JSON string. */
function plainValue(value: unknown, takes: PlainForm['places'][number]['takes']): string {
  const text = String(value);
  return takes !== 'part' || /^[^" ][^ ]*$/.test(text) ? text : JSON.stringify(text);
}

/** An example in one form, and whether it has all values of the request. */
interface TypedExample {
  readonly line: string;
  readonly isWhole: boolean;
}

function exampleIn(form: PlainForm, { example: { request, values } }: CommandFile): TypedExample {
  const members: Record<string, unknown> = { ...request };
  delete members['command'];
  if (form.fillsIn) delete members['username'];
  const words: string[] = [];
  for (const { parameter, takes } of form.places) {
    if (!(parameter.name in members)) break;
    words.push(plainValue(members[parameter.name], takes));
  }
  const isWhole = words.length === Object.keys(members).length;
  const said = !isWhole && values !== undefined ? [values] : words;
  return { line: [form.name, ...said].join(' '), isWhole };
}

/** The example of a command by its full name, and by its short one where it has one. */
export function typedExamples(spec: CommandFile): { readonly full: TypedExample; readonly short?: TypedExample } {
  const short = shortForm(spec);
  const full = exampleIn(fullForm(spec), spec);
  return short === undefined ? { full } : { full, short: exampleIn(short, spec) };
}
