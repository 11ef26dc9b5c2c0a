// Makes the lines that are not JSON requests, or test more than that: the plain form, noise, telnet's sequences, deep
// and long lines, blanks.
import { anyCode, anyRef, bits, malformed, noRef } from './group.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { anyByte } from './json-lines.js';
import type { Random } from './random.js';
import { commands, type Target } from './target.js';

const words = [
  'lobby',
  '"quoted word"',
  '"no end',
  '"\\u00e9"',
  '"\\ud800"',
  '""',
  '"a"b',
  "'x'",
  '  ',
  '\t',
  '12',
  '-1',
  '99999999999999999999',
  '{}',
  '{"a":1}',
  'é',
  '\u202e',
  '\u0000',
  'x'.repeat(200),
  '\\',
  '"\\"',
  '"\\\\"',
  '#',
  'a,b',
  '--',
  'HTTP/1.1',
  'PROXY',
  '\u00a0',
  '\ufeff',
] as const;

/** The full name of a command, or its short one as people type it. */
function commandName(random: Random): string {
  const name = random.pick(commands);
  const { short = name } = commandSpecs[name];
  return random.once(2) ? name : random.pick([short, short.toUpperCase(), `/${short}`, `/${short.slice(1)}`]);
}

/** Adds a line in the plain form (PROTOCOL.md §2.2), whose reply has no ref. */
export function plain({ random, group, username, room }: Target): void {
  const name = random.once(8) ? random.pick([...words]) : commandName(random);
  let line = name.trimStart();
  for (let count = random.below(5); count > 0; count -= 1) {
    line += (random.once(10) ? '  ' : ' ') + random.pick([username, room, 'text', ...words]);
  }
  // A name that begins with { makes it JSON. A line may be blank: group.ts sees that.
  group.line(line, line.startsWith('{') ? anyRef : noRef, anyCode & ~bits(15));
}

/** Adds up to 60 bytes of any kind. */
export function noise({ random, group }: Target): void {
  const bytes = Buffer.allocUnsafe(1 + random.below(60));
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = anyByte(random);
  group.line(bytes, anyRef, anyCode);
}

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

const wholeSequences = [
  hex('fff1'),
  hex('fffb01'),
  hex('fffcff'),
  hex('fffd06'),
  hex('fffd03'),
  hex('fffe0b'),
  hex('fffa180078fff0'),
  hex('fffa01fffff0fff0'),
] as const;
const cutSequences = [hex('ff'), hex('fffd'), hex('fffa0102'), hex('fffa01ff'), hex('ffff'), hex('ff20')] as const;

/**
 * Telnet's sequences inside a good request: it is as if they were not there, unless one is cut short or none (§1.5).
 */
export function telnet({ random, group, nextRef }: Target): void {
  const ref = nextRef();
  let line = Buffer.from(`{"command":"ping","ref":${ref}}`);
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    // In front of the JSON or behind it, so that two never stand inside one another.
    const sequence = random.pick(wholeSequences);
    line = Buffer.concat(random.once(2) ? [sequence, line] : [line, sequence]);
  }
  if (random.once(3)) group.line(Buffer.concat([line, random.pick(cutSequences)]), noRef, malformed);
  else group.line(line, ref, bits(1));
}

/** Adds a ping with arrays or objects nested up to 30 or, seldom, thousands deep, some of them never closed. */
export function deep({ random, group, nextRef }: Target): void {
  const depth = random.once(20) ? 1000 + random.below(4000) : 1 + random.below(30);
  const [open, close] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ]);
  const ref = nextRef();
  const closed = !random.once(4);
  const line = `{"command":"ping","x":${open.repeat(depth)}0${closed ? close.repeat(depth) : ''},"ref":${ref}}`;
  const fine = closed && depth + 1 <= 16;
  group.line(line, closed ? ref : noRef, fine ? bits(1) : malformed);
}

/** Around the limit of a line (§1.3), its CR included, and far beyond it. */
export function long({ random, group, nextRef }: Target): void {
  const ref = nextRef();
  const frame = `{"command":"ping","x":"","ref":${ref}}`;
  const length = random.once(10) ? 20_000 + random.below(100_000) : 16_380 + random.below(10);
  const line = `{"command":"ping","x":"${'x'.repeat(length - frame.length)}","ref":${ref}}`;
  group.line(random.once(2) ? `${line}\r` : line, ref, bits(1));
}

/** Adds a blank line, which is ignored, or one of a lone CR, which is not. */
export function blank({ random, group }: Target): void {
  group.line(random.pick(['', ' ', '\t\t', ' \t \r', '\r', '\r\r']), noRef, bits(6));
}
