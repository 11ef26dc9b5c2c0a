// Writes JSON as the lines of the protocol carry it (PROTOCOL.md §3.1).
import { unicodeEscape } from './unicode-escape.js';

const toEscape = /[\u007f-\u009f\u2028\u2029]/;
const eachToEscape = new RegExp(toEscape, 'g');

/**
 * Writes `value` as JSON in one line. C1 controls, DEL and the two Unicode line ends are escaped (PROTOCOL.md §3.1).
 */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  return toEscape.test(text) ? text.replace(eachToEscape, unicodeEscape) : text;
}

const notPlain = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

/** Writes a string as `json` does, without the quotes around it. Equal strings have equal JSON texts. */
export function jsonText(text: string): string {
  return notPlain.test(text) ? json(text).slice(1, -1) : text;
}
