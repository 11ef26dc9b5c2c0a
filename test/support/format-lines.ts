// Random formats of lines, and the reading of a line in any of them, for properties of the forms (PROTOCOL.md §8.2).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatOf, type LineFormat } from '../../src/wire/format.js';
import type { Ref } from '../../src/wire/refusal.js';
import type { Members, ServerLine } from '../../tools/server-line.js';
import { tsvReader } from '../../tools/tsv-line.js';
import { protocol } from './protocol.js';

const readTsv = tsvReader(protocol);

const maxLine = fc.oneof(fc.integer({ min: 512, max: 1100 }), fc.integer({ min: 512, max: 32_768 }), fc.constant(512));
/** Any format. Most have short lines. */
export const anyFormat = fc
  .record({
    form: fc.constantFrom('json', 'tsv', 'text'),
    maxLine,
    ascii: fc.boolean(),
    language: fc.constantFrom('en', 'fr'),
  })
  .map(formatOf);

/**
 * Reads the line of a program's form. Undefined for the form `text`, which no program reads. Throws where it is not one
 * line of the format.
 */
export function read(
  line: string,
  { form, maxLine: most, ascii }: LineFormat,
  expected?: number,
): ServerLine | undefined {
  assert.ok(Buffer.byteLength(line) <= most, `${Buffer.byteLength(line)} bytes are more than ${most}`);
  assert.match(line, /^[1-9]\d{0,2}\t[^\n]*\n$/);
  assert.doesNotMatch(line.slice(0, -1).replaceAll('\t', ''), /[\p{Cc}\u2028\u2029\p{Cs}]/u);
  if (ascii) assert.match(line, /^[\t\n\x20-\x7e]*$/);
  if (expected !== undefined) assert.equal(Number.parseInt(line, 10), expected);
  if (form === 'text') return undefined;
  if (form === 'tsv') {
    const got = readTsv(line.slice(0, -1));
    assert.ok(typeof got !== 'string', `${JSON.stringify(got)} in ${JSON.stringify(line)}`);
    return got;
  }
  const [first = '', second = '', ...others] = line.slice(0, -1).split('\t');
  assert.equal(others.length, 0);
  return { code: Number(first), members: JSON.parse(second) as Members };
}

/** The same format for lines of any length. */
export const endless = (format: LineFormat): LineFormat => ({ ...format, maxLine: Infinity });

/**
 * Asserts that a `ref` came back. The form `tsv` does not tell a `ref` of digits from an integer, nor an empty one from
 * none.
 */
export function sameRef(got: unknown, sent: Ref | undefined, { form }: LineFormat): void {
  if (form === 'tsv') assert.equal(`${(got ?? '') as Ref}`, `${sent ?? ''}`);
  else assert.equal(got, sent);
}
