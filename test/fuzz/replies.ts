// Checks what the daemon sends against the groups that were sent: one reply to each line, in order, and each line as
// protocol/ has it. Bytes are read as Latin-1, which is faster and leaves the structure of UTF-8 JSON as it is.
import { isUtf8 } from 'node:buffer';
import type { LineFormat } from '../../src/wire/format.js';
import { checks } from '../support/protocol.js';
import { bodyOf, unsafeIn, type Body } from './formats.js';
import { anyRef, noRef, type Group } from './group.js';

const wontTimingMark = '\u00ff\u00fc\u0006';
const events: ReadonlySet<number> = new Set([100, 101, 102, 110, 113, 199]);

/** The lines that one connection reads, held to the groups that it sent. */
export class Replies {
  /** How often each code came, over all connections. */
  readonly #histogram: number[];
  readonly #format: LineFormat;
  readonly #unsafe: RegExp;
  readonly #groups: Group[] = [];
  #reply = 0;
  #rest = '';
  #timingMarks = 0;
  #closing = false;

  constructor(histogram: number[], format: LineFormat) {
    this.#histogram = histogram;
    this.#format = format;
    this.#unsafe = unsafeIn(format);
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
    const found = this.#unsafe.exec(whole.replaceAll(wontTimingMark, ''))?.index;
    if (found !== undefined)
      this.#fail('holds what no line may hold', whole.slice(Math.max(0, found - 100), found + 100));
    if (!isUtf8(Buffer.from(whole.replaceAll(wontTimingMark, ''), 'latin1'))) throw new Error('what came is not UTF-8');
    this.#rest = text.slice(at);
  }

  #line(line: string): void {
    const tab = line.indexOf('\t');
    const head = line.slice(0, tab);
    const code = Number(head);
    const good = line.length < this.#format.maxLine && String(code) === head;
    if (!good) this.#fail('is no line of the protocol', line);
    this.#histogram[code] = (this.#histogram[code] ?? 0) + 1;
    if (this.#closing) this.#fail('comes after a 199', line);
    const body = bodyOf(line, this.#format);
    if (typeof body === 'string') return this.#fail(body, line);
    const problem = this.#format.form === 'text' ? undefined : checks.client(code, body);
    if (problem !== undefined) this.#fail(`is not what protocol/ says: ${problem}`, line);
    if (code < 100) this.#check(code, body, line);
    else if (!events.has(code)) this.#fail('is no event of these commands', line);
    else if (code === 199) this.#closing = true;
  }

  #check(code: number, body: Body, line: string): void {
    const group = this.#groups[0];
    if (group === undefined) return this.#fail('answers nothing', line);
    const expected = group.refs[this.#reply] ?? noRef;
    if (((group.codes[this.#reply] ?? 0) & (1 << code)) === 0) this.#fail("has a code that can't be", line);
    // A person reads no ref.
    if (this.#format.form !== 'text') this.#checkMembers(expected, code, body, line);
    this.#reply += 1;
    this.#skipAnswered();
  }

  #checkMembers(expected: number, code: number, { ref, command, error, field }: Body, line: string): void {
    if (expected !== anyRef && ref !== (expected === noRef ? undefined : expected)) this.#fail('has another ref', line);
    if ((code === 1) === (typeof error === 'string'))
      this.#fail('has an error and succeeds, or the other way round', line);
    if (code === 1 && typeof command !== 'string') this.#fail('names no command', line);
    if ((code === 3 || code === 7) && typeof field !== 'string') this.#fail('names no field', line);
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
