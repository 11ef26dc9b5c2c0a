// The text format of golden conversations (protocol/dialogues/README.md): text → steps, what a step's text stands for in
// a run, and what every line of a server's is held to. Pure; tools/replay.ts carries the steps out over TCP.
import { isUtf8 } from 'node:buffer';
import { randomInt } from 'node:crypto';

export type Members = Readonly<Record<string, unknown>>;

/** What is done or expected at line `at` of a dialogue, by or at the client of that name. */
export type Step = { readonly at: number; readonly client: string } & (
  | { readonly kind: 'send' | 'bytes'; readonly text: string }
  | { readonly kind: 'line'; readonly code: number; readonly text: string }
  | { readonly kind: 'fin' | 'closed' }
);

/** A dialogue that can't be replayed, whatever the server does. */
export class DialogueError extends Error {
  constructor(
    readonly at: number,
    message: string,
  ) {
    super(message);
  }
}

/** Parses a dialogue. Throws DialogueError. */
export function parseDialogue(text: string): readonly Step[] {
  return text.split(/\r?\n/).flatMap((line, index) => (/^\s*(?:#|$)/.test(line) ? [] : [parseStep(line, index + 1)]));
}

function parseStep(line: string, at: number): Step {
  const [, client = '', what = '', text] = /^([a-z]\w*) +(>>?|<<?|fin|closed)(?: (.*))?$/.exec(line) ?? [];
  if (what === '>') return { at, client, kind: 'send', text: `${text ?? ''}%0A` };
  if (what === '>>' || what === '<<') return { at, client, kind: what === '>>' ? 'send' : 'bytes', text: text ?? '' };
  if ((what === 'fin' || what === 'closed') && text === undefined) return { at, client, kind: what };
  const [, code, members = ''] = /^<(\d+) (\{.*)$/.exec(`${what}${text ?? ''}`) ?? [];
  if (code === undefined) throw new DialogueError(at, 'this is no step: README.md beside the dialogues has them all');
  new Values().members(members, at);
  return { at, client, kind: 'line', code: Number(code), text: members };
}

/** A step as it is written. */
export function write(step: Step): string {
  if (step.kind === 'line') return `${step.client} < ${step.code} ${step.text}`;
  return `${step.client} ${step.kind === 'send' ? `>> ${step.text}` : step.kind === 'bytes' ? `<< ${step.text}` : step.kind}`;
}

/** What is left to see of a client when the dialogue is over: that nothing more came, that the server closes, or nothing. */
export type Left = 'ping' | 'closed' | 'nothing';

export function lastSteps(clients: Iterable<readonly [string, { readonly left: Left }]>, at: number): Step[] {
  const ping = '{"command":"ping","data":"nothing else came"}';
  return [...clients].flatMap(([client, { left }]) => {
    const text = { ping: `${client} > ${ping}\n${client} < 1 ${ping}`, closed: `${client} closed`, nothing: '' }[left];
    return parseDialogue(text).map((step) => ({ ...step, at }));
  });
}

/**
 * The letters of tags. UTS #39 makes each of them its own prototype and no part of another's (`m` looks like `rn`), so
 * two tags never look alike: the names of the second run would be refused (PROTOCOL.md §5.5).
 */
const tagLetters = 'bcdfghjkpqstvxz';

/** What the names of one run stand for: `$tag` for random letters, every other for the JSON value that was captured. */
export class Values {
  readonly #tag = Array.from({ length: 8 }, () => tagLetters[randomInt(tagLetters.length)]).join('');
  readonly #captured = new Map<string, unknown>();

  /** The bytes of a text. Throws DialogueError where a name in it was never captured. */
  bytes(text: string, at: number): Buffer {
    return this.#decode(text, (name) => {
      throw new DialogueError(at, `nothing was captured as ${name}`);
    });
  }

  /** The members of an expected line; a name that is not captured yet stands in them as a string. */
  members(text: string, at: number): Members {
    try {
      return JSON.parse(this.#decode(text, (name) => JSON.stringify(name)).toString()) as Members;
    } catch {
      throw new DialogueError(at, 'what is expected is no JSON object');
    }
  }

  /** `%{N text}` is the text N times, `$name` the value of that name, `%XX` one byte; everything else is UTF-8. */
  #decode(text: string, unknown: (name: string) => string): Buffer {
    const valueOf = (name: string): string => {
      if (name === '$tag') return this.#tag;
      return this.#captured.has(name) ? JSON.stringify(this.#captured.get(name)).replaceAll('%', '%25') : unknown(name);
    };
    const pieces = text
      .replace(/%\{(\d+) ([^}]+)\}/g, (_, times: string, what: string) => what.repeat(Number(times)))
      .replace(/\$[a-z]\w*/g, valueOf)
      .split(/%([0-9A-F]{2})/);
    return Buffer.concat(pieces.map((piece, index) => Buffer.from(piece, index % 2 === 1 ? 'hex' : 'utf8')));
  }

  /** Where `actual` is not what is expected, as a sentence; undefined where it is. Captures on its way. */
  difference(expected: unknown, actual: unknown, path = ''): string | undefined {
    if (expected === '*') return undefined;
    if (typeof expected === 'string' && /^\$[a-z]\w*$/.test(expected)) {
      if (this.#captured.has(expected)) return this.difference(this.#captured.get(expected), actual, path);
      this.#captured.set(expected, actual);
      return undefined;
    }
    if (!isObject(expected) || !isObject(actual)) return expected === actual ? undefined : `${path} differs`;
    if (Array.isArray(expected) !== Array.isArray(actual)) return `${path} differs`;
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      const place = path === '' ? key : `${path}.${key}`;
      if (!Object.hasOwn(expected, key)) return `${place} was not expected`;
      if (!Object.hasOwn(actual, key)) return `${place} is missing`;
      const found = this.difference(expected[key], actual[key], place);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** What came, for a person to read: a sentence as it is, of bytes not too many and each of them to be seen. */
export function show(bytes: Buffer | string): string {
  if (typeof bytes === 'string') return bytes;
  const text = bytes.toString(bytes.includes(255) ? 'latin1' : 'utf8');
  return text.length > 400 ? `${JSON.stringify(text.slice(0, 400))}…` : JSON.stringify(text);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}

const maxLineBytes = 32_768;
const rfc3339 = /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** A server's line, without its LF; a sentence where it is not what all lines are (PROTOCOL.md §1.3, §3.1, §3.2, §4.1). */
export function parseLine(bytes: Buffer): { readonly code: number; readonly members: Members } | string {
  if (bytes.length > maxLineBytes) return `longer than ${maxLineBytes} bytes`;
  const [, code = '', json = ''] = /^([1-9]\d{0,2})\t(\{[^\t\x7f-\x9f\u2028\u2029]*\})$/.exec(bytes.toString()) ?? [];
  if (code === '' || !isUtf8(bytes)) return 'not a code, one tab and one line of JSON in UTF-8';
  let members: Members;
  try {
    members = JSON.parse(json) as Members;
  } catch {
    return 'not JSON';
  }
  const { id = Number.MAX_SAFE_INTEGER, prev = 0, time, error } = members;
  if (Number(code) < 100) {
    const first = ['command', 'ref'].filter((name) => Object.hasOwn(members, name));
    if (first.some((name, index) => Object.keys(members)[index] !== name)) return 'command and ref do not come first';
    if (code === '1' ? error !== undefined : typeof error !== 'string' || error === '')
      return 'error does not fit the code';
  }
  if (time !== undefined && !(typeof time === 'string' && rfc3339.test(time)))
    return 'time is not RFC 3339 in UTC with milliseconds';
  const isId = (value: unknown): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
  if (!isId(id) || !isId(prev) || prev >= id) return 'id and prev are not integers with prev < id';
  return { code: Number(code), members };
}
