// The text format of golden conversations (protocol/dialogues/README.md): parses a text into steps, and replaces the
// names in them by the values of one run. Pure: tools/replay.ts carries the steps out over TCP.
import { randomInt } from 'node:crypto';
import type { Members } from './server-line.js';

/** One step: what a client sends or has to read. `at` is the number of the dialogue's line. */
export type Step = { readonly at: number; readonly client: string } & (
  | { readonly kind: 'send' | 'bytes' | 'fields'; readonly text: string }
  | { readonly kind: 'line'; readonly code: number; readonly text: string }
  | { readonly kind: 'fin' | 'closed' }
);

/** A dialogue can't be replayed against any server. The message says why, and `at` is the line. */
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
  const [, client = '', what = '', text] = /^([a-z]\w*) +(>>?|<[<=]?|fin|closed)(?: (.*))?$/.exec(line) ?? [];
  if (what === '>') return { at, client, kind: 'send', text: `${text ?? ''}%0A` };
  if (what === '>>' || what === '<<') return { at, client, kind: what === '>>' ? 'send' : 'bytes', text: text ?? '' };
  if (what === '<=') return { at, client, kind: 'fields', text: text ?? '' };
  if ((what === 'fin' || what === 'closed') && text === undefined) return { at, client, kind: what };
  const [, code, members = ''] = /^<(\d+) (\{.*)$/.exec(`${what}${text ?? ''}`) ?? [];
  if (code === undefined) throw new DialogueError(at, 'this is no step: README.md beside the dialogues explains them');
  new Values().members(members, at);
  return { at, client, kind: 'line', code: Number(code), text: members };
}

/** Writes a step as a line of a dialogue. */
export function write(step: Step): string {
  if (step.kind === 'line') return `${step.client} < ${step.code} ${step.text}`;
  if (!('text' in step)) return `${step.client} ${step.kind}`;
  return `${step.client} ${{ send: '>>', bytes: '<<', fields: '<=' }[step.kind]} ${step.text}`;
}

/**
 * How a client is checked at the end: that nothing more came (by a last request), that the server closes, or not at
 * all.
 */
export type Left = 'open' | 'closed' | 'nothing';

/** The steps that check each client at the end. `at` is the last line of the dialogue. */
export function lastSteps(clients: Iterable<readonly [string, { readonly left: Left }]>, at: number): Step[] {
  // A request that is answered alike in both editions (PROTOCOL.md §3.6).
  const request = '{"command":"help","ref":"nothing else came","about":"nothing"}';
  const reply = '{"command":"help","ref":"nothing else came","error":"*"}';
  return [...clients].flatMap(([client, { left }]) => {
    const text = { open: `${client} > ${request}\n${client} < 11 ${reply}`, closed: `${client} closed`, nothing: '' }[
      left
    ];
    return parseDialogue(text).map((step) => ({ ...step, at }));
  });
}

/**
 * The letters of tags. By UTS #39 none of them looks like another letter or a pair of letters (`m` looks like `rn`). So
 * two tags never look alike, and the names of a second run are not refused (PROTOCOL.md §5.5).
 */
const tagLetters = 'bcdfghjkpqstvxz';

/**
 * The values of names in one run. `$tag` has random letters, and any other name has the JSON value that it captured.
 */
export class Values {
  readonly #tag = Array.from({ length: 8 }, () => tagLetters[randomInt(tagLetters.length)]).join('');
  readonly #captured = new Map<string, unknown>();

  /** The bytes that a text stands for. Throws DialogueError if it has a name without a value. */
  bytes(text: string, at: number): Buffer {
    return this.#decode(text, (name) => {
      throw new DialogueError(at, `${name} has captured nothing`);
    });
  }

  /** The members of an expected line. A name without a value stays in them as a string. */
  members(text: string, at: number): Members {
    try {
      return JSON.parse(this.#decode(text, (name) => JSON.stringify(name)).toString()) as Members;
    } catch {
      throw new DialogueError(at, 'the expected object is not JSON');
    }
  }

  /**
   * Compares the fields of a line, between which TABs stand: `*` is any field, and the name of one without a value
   * takes what came. Returns a sentence that names the first difference.
   */
  differenceOfFields(text: string, line: string, at: number): string | undefined {
    const [expected, actual] = [text.split('%09'), line.split('\t')];
    if (expected.length !== actual.length) return `${actual.length} fields came`;
    const place = expected.findIndex((field, index) => {
      if (field === '*') return false;
      if (/^\$[a-z]\w*$/.test(field) && field !== '$tag') return this.difference(field, actual[index]) !== undefined;
      return this.bytes(field, at).toString() !== actual[index];
    });
    return place === -1 ? undefined : `field ${place + 1} differs`;
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

  /**
   * Compares values, and captures those of new names. Returns a sentence that names the first difference; undefined if
   * there is none.
   */
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

/** Formats received bytes for a person: at most 400 characters, with escapes. A sentence is returned as it is. */
export function show(bytes: Buffer | string): string {
  if (typeof bytes === 'string') return bytes;
  const text = bytes.toString(bytes.includes(255) ? 'latin1' : 'utf8');
  return text.length > 400 ? `${JSON.stringify(text.slice(0, 400))}…` : JSON.stringify(text);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
