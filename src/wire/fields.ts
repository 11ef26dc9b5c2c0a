// The checks of PROTOCOL.md §6: one function for each field, made once from protocol/limits.json.
import { fieldRules } from './generated/fields.js';
import { limits } from './generated/limits.js';
import type { FieldRule } from './spec.js';

/** Answers undefined for a good value, or what is wrong with it: a sentence that goes on after the field's name. */
export type Check = (value: unknown) => string | undefined;

const control = /\p{Cc}/u;
const loneSurrogate = /\p{Cs}/u;
const longRuns = /\p{Mn}{32,}/gu;
// A name holds letters, marks and digits that this runtime's Unicode knows, so its knowledge of their other properties
// will do.
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const tooManyMarks = /\p{M}{5}/u;
const plainName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/**
 * Code points after NFC, or Infinity where they are surely more than `max`. Normalizing takes time quadratic in a run
 * of marks, so what is far too long is not normalized: no character has more than four code points in its canonical
 * decomposition, and marks compose with the letter before them, three at most, never with each other.
 */
function characters(text: string, max: number): number {
  if (text.length > 8 * max) return Infinity;
  for (const [run] of text.matchAll(longRuns)) if (codePoints(run) > max + 3) return Infinity;
  return codePoints(text.normalize('NFC'));
}

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** What is wrong with a well-formed name, in NFC, that is about to be made. Older names may be like this. */
function unfitToBeMade(name: string): string | undefined {
  const point = invisible.exec(name)?.[0].codePointAt(0);
  if (point !== undefined) {
    return `must not contain the invisible character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return tooManyMarks.test(name) ? 'must not have more than four marks in a row' : undefined;
}

function nameCheck({ max, anywhere, made, rule }: Extract<FieldRule, { kind: 'name' }>): Check {
  const any = anywhere === '' ? '' : `[${anywhere}]|`;
  const pattern = new RegExp(`^(?:${any}[\\p{L}\\p{Nd}])(?:${any}[\\p{L}\\p{M}\\p{Nd}_.-])*$`, 'u');
  return (value) => {
    if (typeof value !== 'string') return `must be a string: ${rule}`;
    if (value.length <= max && plainName.test(value)) return undefined;
    // What is far too long is not normalized.
    if (characters(value, max) > max) return `must be ${rule}`;
    const name = value.normalize('NFC');
    if (!pattern.test(name)) return `must be ${rule}`;
    return made === true ? unfitToBeMade(name) : undefined;
  };
}

function textCheck({ unit, min, max, control: controlAllowed, rule }: Extract<FieldRule, { kind: 'text' }>): Check {
  const measure = (text: string): number => (unit === 'bytes' ? Buffer.byteLength(text) : characters(text, max));
  return (value) => {
    if (typeof value !== 'string') return `must be a string: ${rule}`;
    // A UTF-16 unit makes at most three bytes, and at most three characters by NFC: most texts need no measuring. `min`
    // is the number of bytes that as many units have at least; of characters, no rule wants more than one.
    const fits = value.length >= min && value.length * 3 <= max;
    if (!fits) {
      const length = measure(value);
      if (length < min || length > max) return `must be ${rule}`;
    }
    return controlAllowed || !control.test(value) ? undefined : `must be ${rule}`;
  };
}

function integerCheck({ min, max, rule }: Extract<FieldRule, { kind: 'integer' }>): Check {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
      ? undefined
      : `must be an ${rule}`;
}

function checkOf(rule: FieldRule): Check {
  switch (rule.kind) {
    case 'name':
      return nameCheck(rule);
    case 'text':
      return textCheck(rule);
    case 'integer':
      return integerCheck(rule);
  }
}

const checks = new Map<string, Check>(Object.entries(fieldRules).map(([name, rule]) => [name, checkOf(rule)]));

/**
 * The check of a field of protocol/limits.json or protocol/operator/fields.json. Throws where there is none of that
 * name: a spec is wrong then.
 */
export function fieldCheck(field: string): Check {
  const check = checks.get(field);
  if (check === undefined) throw new Error(`protocol/ has no field ${field}`);
  return check;
}

/** A `ref` (PROTOCOL.md §2.3): a string of at most 64 characters or a safe integer. */
export function isRef(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'string' || loneSurrogate.test(value)) return false;
  return characters(value, limits.ref_characters) <= limits.ref_characters;
}
