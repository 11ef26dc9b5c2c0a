// Checks the fields of requests (PROTOCOL.md §6), with one function for each rule of protocol/limits.json.
import { fieldRules } from './generated/fields.js';
import { limits } from './generated/limits.js';
import type { FieldRule } from './spec.js';

/**
 * Answers undefined for a good value, else what is wrong with it: the rest of a sentence that begins with the field's
 * name.
 */
export type Check = (value: unknown) => string | undefined;

const control = /\p{Cc}/u;
const loneSurrogate = /\p{Cs}/u;
/** The length of the pieces in which a long text is normalized, in UTF-16 units. */
const pieceUnits = 64;
// The pattern of names admits only characters that this runtime's Unicode knows, so its own properties suffice here.
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const tooManyMarks = /\p{M}{5}/u;
const plainName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/**
 * Counts the code points after NFC. Answers Infinity where they are surely more than `max`. Normalizing takes time
 * quadratic in a run of marks, whatever marks they are, so a text that is surely too long is not normalized as a whole.
 */
function characters(text: string, max: number): number {
  // No character has more than four code points in its canonical decomposition, and none more than two UTF-16 units.
  if (text.length > 8 * max || fewestCharacters(text) > max) return Infinity;
  return codePoints(text.normalize('NFC'));
}

/**
 * Counts code points that the text has at least after NFC, in time that grows with the length: it normalizes the text
 * in pieces. Where two pieces meet, a character takes in three code points of the second at most.
 */
function fewestCharacters(text: string): number {
  if (text.length <= pieceUnits) return 0;
  let count = 3;
  for (let at = 0; at < text.length; ) {
    const isInPair = (text.codePointAt(at + pieceUnits - 1) ?? 0) > 0xffff;
    const end = at + pieceUnits + (isInPair ? 1 : 0);
    count += codePoints(text.slice(at, end).normalize('NFC')) - 3;
    at = end;
  }
  return count;
}

function codePoints(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** What is wrong with a well-formed name in NFC that is about to be created. Older names may break these rules. */
function problemOfNewName(name: string): string | undefined {
  const point = invisible.exec(name)?.[0].codePointAt(0);
  if (point !== undefined) {
    return `must not contain the invisible character U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
  }
  return tooManyMarks.test(name) ? 'must not have more than four marks in a row' : undefined;
}

function nameCheck({ max, anywhere, isNew, rule }: Extract<FieldRule, { kind: 'name' }>): Check {
  const any = anywhere === '' ? '' : `[${anywhere}]|`;
  const pattern = new RegExp(`^(?:${any}[\\p{L}\\p{Nd}])(?:${any}[\\p{L}\\p{M}\\p{Nd}_.-])*$`, 'u');
  return (value) => {
    if (typeof value !== 'string') return `must be a string: ${rule}`;
    if (value.length <= max && plainName.test(value)) return undefined;
    // A name that is far too long is not normalized.
    if (characters(value, max) > max) return `must be ${rule}`;
    const name = value.normalize('NFC');
    if (!pattern.test(name)) return `must be ${rule}`;
    return isNew === true ? problemOfNewName(name) : undefined;
  };
}

function textCheck({ unit, min, max, control: controlAllowed, rule }: Extract<FieldRule, { kind: 'text' }>): Check {
  const measure = (text: string): number => (unit === 'bytes' ? Buffer.byteLength(text) : characters(text, max));
  return (value) => {
    if (typeof value !== 'string') return `must be a string: ${rule}`;
    // A UTF-16 unit becomes at most three bytes, and at most three characters in NFC, so most texts need no measuring.
    // `min` units have at least `min` bytes. No rule asks for more than one character.
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

function booleanCheck({ rule }: Extract<FieldRule, { kind: 'boolean' }>): Check {
  return (value) => (typeof value === 'boolean' ? undefined : `must be ${rule}`);
}

/** RFC 3339: a date, `T`, a time with or without fractions of a second, and `Z` or an offset. */
const time = /^(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Whether it is a time of RFC 3339, and of a day that there is: `Date.parse` takes February 30 for March 2. */
function isTime(value: string): boolean {
  const [, year, month, day] = time.exec(value) ?? [];
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= daysOfMonth && !Number.isNaN(Date.parse(value));
}

function timeCheck({ rule }: Extract<FieldRule, { kind: 'time' }>): Check {
  return (value) => (typeof value === 'string' && isTime(value) ? undefined : `must be ${rule}`);
}

function wordCheck({ words, rule }: Extract<FieldRule, { kind: 'word' }>): Check {
  return (value) => (typeof value === 'string' && words.includes(value) ? undefined : `must be ${rule}`);
}

function base64urlCheck({ min, max, isToken = false, rule }: Extract<FieldRule, { kind: 'base64url' }>): Check {
  const pattern = isToken ? /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/ : /^[A-Za-z0-9_-]+$/;
  return (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max && pattern.test(value)
      ? undefined
      : `must be ${rule}`;
}

function checkOf(rule: FieldRule): Check {
  switch (rule.kind) {
    case 'boolean':
      return booleanCheck(rule);
    case 'time':
      return timeCheck(rule);
    case 'word':
      return wordCheck(rule);
    case 'base64url':
      return base64urlCheck(rule);
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
 * Finds the check of a field of protocol/limits.json or protocol/operator/fields.json. Throws where no field has that
 * name: then a spec is wrong.
 */
export function fieldCheck(field: string): Check {
  const check = checks.get(field);
  if (check === undefined) throw new Error(`protocol/ has no field ${field}`);
  return check;
}

/** Whether a value can be a `ref` (PROTOCOL.md §2.3): a string of at most 64 characters or a safe integer. */
export function isRef(value: unknown): value is string | number {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'string' || loneSurrogate.test(value)) return false;
  return characters(value, limits.ref_characters) <= limits.ref_characters;
}
