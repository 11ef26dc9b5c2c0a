// Converts a run of an older database, whose messages are JSON.
import { jsonText } from '../../text/json.js';
import { maxRun } from '../run-format.js';
import { problemOfStoredText } from '../stored-text.js';
import { olderMessages } from './older.js';
import type { RunRow } from './run-rows.js';
import type { RunBatch } from './runs.js';
import { problemOfRow } from './values.js';

/** Adds the run to the batch. Answers false, and adds nothing, where no salond can have written it. */
export function addOlderRun(batch: RunBatch, run: RunRow): boolean {
  const { seq, room, first, last, time, messages: json } = run;
  if (problemOfRow('runs', { seq, room, first, last, time }) !== undefined) return false;
  const plain = plainMessages(run);
  if (plain !== undefined) {
    batch.begin(room, first, time, seq);
    for (const [at, author] of plain.authors.entries())
      batch.add(author, 'text', 0, json, plain.begins[at] ?? 0, plain.ends[at] ?? 0);
    batch.end();
    return true;
  }
  const messages = olderMessages(run);
  if (typeof messages === 'string') return false;
  batch.begin(room, first, time, seq);
  for (const [author, text] of messages) batch.addText(author, 'text', 0, jsonText(text));
  batch.end();
  return true;
}

/** Messages of a run whose texts are copied as they stand. */
interface PlainMessages {
  readonly authors: readonly number[];
  /** Where each text begins and ends in the bytes of the run. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

const quote = 0x22;
const comma = 0x2c;
const zero = 0x30;
const nine = 0x39;
const opening = 0x5b;
const backslash = 0x5c;
const closing = 0x5d;

/** Digits that every number has which JavaScript can't round. */
const safeDigits = 15;

/**
 * Reads `[[author,"text"],…]` without JSON.parse. Undefined where something is wrong with it, a text has an escape or
 * needs one, or it is written in another way.
 */
function plainMessages({ first, last, messages: json }: RunRow): PlainMessages | undefined {
  const found = { authors: [] as number[], begins: [] as number[], ends: [] as number[] };
  // Before each message stands the opening bracket of the list, or a comma.
  let before = opening;
  let at = 0;
  do {
    if (json[at] !== before || json[at + 1] !== opening) return undefined;
    at += 2;
    const digits = at;
    let author = 0;
    for (let byte = json[at] ?? 0; byte >= zero && byte <= nine; byte = json[at] ?? 0) {
      author = author * 10 + byte - zero;
      at += 1;
    }
    if (at - digits > safeDigits || json[digits] === zero || author === 0) return undefined;
    if (json[at] !== comma || json[at + 1] !== quote) return undefined;
    const begin = at + 2;
    at = begin;
    while (at < json.length && json[at] !== quote && json[at] !== backslash) at += 1;
    if (json[at] !== quote || json[at + 1] !== closing || problemOfStoredText(json, begin, at) !== undefined)
      return undefined;
    found.authors.push(author);
    found.begins.push(begin);
    found.ends.push(at);
    at += 2;
    before = comma;
  } while (json[at] === comma);
  const count = found.authors.length;
  const isRight = json[at] === closing && at + 1 === json.length && count <= maxRun && count === last - first + 1;
  return isRight ? found : undefined;
}
