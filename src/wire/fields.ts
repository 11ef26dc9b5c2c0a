// Checks the fields of requests (PROTOCOL.md §6), with one function for each rule of protocol/limits.json.
import { countCharacters } from '../text/characters.js';
import { fieldRules } from './generated/fields.js';
import { limits } from './generated/limits.js';
import type { FieldRule } from './spec.js';
import { say, verbatim, type Sentence } from './words.js';

/**
 * Answers undefined for a good value, else what is wrong with it: the rest of a sentence that begins with the field's
 * name.
 */
export type Check = (value: unknown) => Sentence | undefined;

/** What a rule asks of a value. */
type RuleOf<Kind extends FieldRule['kind']> = Omit<Extract<FieldRule, { kind: Kind }>, 'rule'>;

const control = /\p{Cc}/u;
const loneSurrogate = /\p{Cs}/u;
// The pattern of names admits only characters that this runtime's Unicode knows, so its own properties suffice here.
const invisible = /\p{Default_Ignorable_Code_Point}/u;
const tooManyMarks = /\p{M}{5}/u;
const plainName = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** What is wrong with a well-formed name in NFC that is about to be created. Older names may break these rules. */
function problemOfNewName(name: string): Sentence | undefined {
  const point = invisible.exec(name)?.[0].codePointAt(0);
  if (point !== undefined) {
    const character = `U+${point.toString(16).toUpperCase().padStart(4, '0')}`;
    return say('must_not_hold_invisible', { character });
  }
  return tooManyMarks.test(name) ? say('must_not_pile_marks') : undefined;
}

function nameCheck({ max, anywhere, isNew }: RuleOf<'name'>, rule: Sentence): Check {
  const any = anywhere === '' ? '' : `[${anywhere}]|`;
  const pattern = new RegExp(`^(?:${any}[\\p{L}\\p{Nd}])(?:${any}[\\p{L}\\p{M}\\p{Nd}_.-])*$`, 'u');
  return (value) => {
    if (typeof value !== 'string') return say('must_be_string', { rule });
    if (value.length <= max && plainName.test(value)) return undefined;
    // A name that is far too long is not normalized.
    if (countCharacters(value, max) > max) return say('must_have', { rule });
    const name = value.normalize('NFC');
    if (!pattern.test(name)) return say('must_have', { rule });
    return isNew === true ? problemOfNewName(name) : undefined;
  };
}

function textCheck({ unit, min, max, control: controlAllowed }: RuleOf<'text'>, rule: Sentence): Check {
  const measure = (text: string): number => (unit === 'bytes' ? Buffer.byteLength(text) : countCharacters(text, max));
  return (value) => {
    if (typeof value !== 'string') return say('must_be_string', { rule });
    // A UTF-16 unit becomes at most three bytes, and at most three characters in NFC, so most texts need no measuring.
    // `min` units have at least `min` bytes. No rule asks for more than one character.
    const fits = value.length >= min && value.length * 3 <= max;
    if (!fits) {
      const length = measure(value);
      if (length < min || length > max) return say('must_have', { rule });
    }
    return controlAllowed || !control.test(value) ? undefined : say('must_have', { rule });
  };
}

function integerCheck({ min, max, orZero = false }: RuleOf<'integer'>, rule: Sentence): Check {
  return (value) =>
    typeof value === 'number' && Number.isInteger(value) && ((value >= min && value <= max) || (orZero && value === 0))
      ? undefined
      : say('must_be_an', { rule });
}

function booleanCheck(rule: Sentence): Check {
  return (value) => (typeof value === 'boolean' ? undefined : say('must_be', { rule }));
}

/** RFC 3339: a date, `T`, a time with or without fractions of a second, and `Z` or an offset. */
const time = /^(\d{4})-(\d\d)-(\d\d)[Tt](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** Whether it is a time of RFC 3339, and of a day that there is: `Date.parse` takes February 30 for March 2. */
function isTime(value: string): boolean {
  const [, year, month, day] = time.exec(value) ?? [];
  const daysOfMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= daysOfMonth && !Number.isNaN(Date.parse(value));
}

function timeCheck(rule: Sentence): Check {
  return (value) => (typeof value === 'string' && isTime(value) ? undefined : say('must_be', { rule }));
}

function wordCheck({ words }: RuleOf<'word'>, rule: Sentence): Check {
  return (value) => (typeof value === 'string' && words.includes(value) ? undefined : say('must_be', { rule }));
}

function base64urlCheck({ min, max, isToken = false }: RuleOf<'base64url'>, rule: Sentence): Check {
  const pattern = isToken ? /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/ : /^[A-Za-z0-9_-]+$/;
  return (value) =>
    typeof value === 'string' && value.length >= min && value.length <= max && pattern.test(value)
      ? undefined
      : say('must_have', { rule });
}

function checkOf(rule: FieldRule, inWords: Sentence): Check {
  switch (rule.kind) {
    case 'boolean':
      return booleanCheck(inWords);
    case 'time':
      return timeCheck(inWords);
    case 'word':
      return wordCheck(rule, inWords);
    case 'base64url':
      return base64urlCheck(rule, inWords);
    case 'name':
      return nameCheck(rule, inWords);
    case 'text':
      return textCheck(rule, inWords);
    case 'integer':
      return integerCheck(rule, inWords);
  }
}

/** The rule of a field in words. The fields of operators alone have theirs in English. */
export function ruleInWords(field: string): Sentence {
  return isClientsField(field) ? say(`rules.${field}`) : verbatim(fieldRules[field]?.rule ?? '');
}

function isClientsField(field: string): field is keyof typeof limits.fields {
  return Object.hasOwn(limits.fields, field);
}

const checks = new Map<string, Check>(
  Object.entries(fieldRules).map(([name, rule]) => [name, checkOf(rule, ruleInWords(name))]),
);

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
  return countCharacters(value, limits.ref_characters) <= limits.ref_characters;
}
