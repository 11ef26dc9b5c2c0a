// Checks what the daemon sends against the groups that were sent: one reply to each line, in order, and each line as
// protocol/ has it. Bytes are read as Latin-1, which is faster and leaves the structure of UTF-8 JSON as it is.
import { isUtf8 } from 'node:buffer';
import { checks } from '../support/protocol.js';
import { anyRef, noRef, type Group } from './group.js';

const wontTimingMark = '\u00ff\u00fc\u0006';
/**
 * What no line may hold (PROTOCOL.md §3.1), in UTF-8 read as Latin-1: DEL, C1 controls, Unicode's line ends, lone
 * surrogates.
 */
const unsafe = /\u007f|\u00c2[\u0080-\u009f]|\u00e2\u0080[\u00a8\u00a9]|(?<!\\)(?:\\\\)*\\ud[89a-f]/;
const events: ReadonlySet<number> = new Set([100, 101, 102, 110, 199]);
const maxLineBytes = 32_768;

const beyondAscii = /[\u0080-\u00ff]/;

/** The members of a line that was read as Latin-1. */
function inUtf8(json: string): Body {
  return JSON.parse(Buffer.from(json, 'latin1').toString()) as Body;
}

interface Body extends Readonly<Record<string, unknown>> {
  readonly ref?: unknown;
  readonly command?: unknown;
  readonly error?: unknown;
  readonly field?: unknown;
}

/** The lines that one connection reads, held to the groups that it sent. */
export class Replies {
  /** How often each code came, over all connections. */
  readonly #histogram: number[];
  readonly #groups: Group[] = [];
  #reply = 0;
  #rest = '';
  #timingMarks = 0;
  #closing = false;

  constructor(histogram: number[]) {
    this.#histogram = histogram;
  }

  /** The line whose reply comes next, for a message. */
  get turn(): string {
    return this.#groups[0]?.lineOf(this.#reply) ?? 'no line';
  }

  /** Groups of which a reply is still to come. */
  get waiting(): number {
    return this.#groups.length;
  }

  /** Expects replies to a group, after those to the groups before it. */
  expect(group: Group): void {
    this.#timingMarks += group.timingMarks;
    this.#groups.push(group);
    this.#skipAnswered();
  }

  /** Checks bytes that came. Throws where a line is wrong. */
  take(bytes: Buffer): void {
    const text = this.#rest + bytes.toString('latin1');
    let at = 0;
    for (let lf = text.indexOf('\n'); lf !== -1; lf = text.indexOf('\n', at)) {
      while (text.startsWith(wontTimingMark, at)) {
        this.#timingMarks -= 1;
        at += 3;
      }
      this.#line(text.slice(at, lf));
      at = lf + 1;
    }
    const whole = text.slice(0, at);
    const found = unsafe.exec(whole)?.index;
    if (found !== undefined)
      this.#fail('holds what no line may hold', whole.slice(Math.max(0, found - 100), found + 100));
    if (!isUtf8(Buffer.from(whole.replaceAll(wontTimingMark, ''), 'latin1'))) throw new Error('what came is not UTF-8');
    this.#rest = text.slice(at);
  }

  #line(line: string): void {
    const tab = line.indexOf('\t');
    const head = line.slice(0, tab);
    const code = Number(head);
    const good = line.length <= maxLineBytes && String(code) === head && line[tab + 1] === '{';
    if (!good) this.#fail('is no line of the protocol', line);
    this.#histogram[code] = (this.#histogram[code] ?? 0) + 1;
    let body: Body;
    try {
      body = JSON.parse(line.slice(tab + 1)) as Body;
    } catch {
      return this.#fail('is no JSON', line);
    }
    if (this.#closing) this.#fail('comes after a 199', line);
    const problem = checks.client(code, beyondAscii.test(line) ? inUtf8(line.slice(tab + 1)) : body);
    if (problem !== undefined) this.#fail(`is not what protocol/ says: ${problem}`, line);
    if (code < 100) this.#check(code, body, line);
    else if (!events.has(code)) this.#fail('is no event of these commands', line);
    else if (code === 199) this.#closing = true;
  }

  #check(code: number, { ref, command, error, field }: Body, line: string): void {
    const group = this.#groups[0];
    if (group === undefined) return this.#fail('answers nothing', line);
    const expected = group.refs[this.#reply] ?? noRef;
    if (((group.codes[this.#reply] ?? 0) & (1 << code)) === 0) this.#fail("has a code that can't be", line);
    if (expected !== anyRef && ref !== (expected === noRef ? undefined : expected)) this.#fail('has another ref', line);
    if ((code === 1) === (typeof error === 'string'))
      this.#fail('has an error and succeeds, or the other way round', line);
    if (code === 1 && typeof command !== 'string') this.#fail('names no command', line);
    if ((code === 3 || code === 7) && typeof field !== 'string') this.#fail('names no field', line);
    this.#reply += 1;
    this.#skipAnswered();
  }

  #skipAnswered(): void {
    while (this.#groups[0] !== undefined && this.#reply === this.#groups[0].refs.length) {
      this.#groups.shift();
      this.#reply = 0;
    }
  }

  /** The connection has ended: throws unless all has been answered, and a 199 came where one had to. */
  end(closing: boolean): void {
    // A WONT TIMING-MARK may be the very last.
    for (; this.#rest.startsWith(wontTimingMark); this.#rest = this.#rest.slice(3)) this.#timingMarks -= 1;
    if (this.#groups.length > 0) this.#fail('is missing', 'the reply');
    if (this.#rest !== '') this.#fail('has no end', this.#rest);
    if (this.#closing !== closing) throw new Error(closing ? 'no 199 came before the close' : 'a 199 came');
    if (this.#timingMarks !== 0) throw new Error(`${this.#timingMarks} WONT TIMING-MARK too few`);
  }

  #fail(what: string, line: string): never {
    throw new Error(`${JSON.stringify(line.slice(0, 1000))} ${what}; it was the turn of ${this.turn}`);
  }
}
