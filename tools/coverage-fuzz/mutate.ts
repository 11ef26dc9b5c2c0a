// Makes an input of the coverage-guided fuzzer from two others: flips bits, inserts, removes and repeats bytes, and
// inserts words that the parsers know.
import type { Random } from '../../test/fuzz/random.js';

const words: readonly [Buffer, ...Buffer[]] = [
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\t',
  '{',
  '}',
  '"',
  ':',
  ',',
  '[',
  '\\',
  '\\u',
  '\\ud800',
  'null',
  'true',
  '1e400',
  '-0',
  '9007199254740992',
  '"ref":',
  '"command":',
  '"chatroom_message"',
  '"username":"a"',
  '"room":"r"',
  '"message":"m"',
  '"key":"k"',
  '"__proto__":',
  '"after":',
  '"before":',
  '"limit":',
  'chatroom_history',
  'list_chatrooms',
  'join_chatroom',
  'create_user',
  'help',
  'ping',
  '\xff\xfd\x06',
  '\xff\xfa',
  '\xff\xf0',
  '\xff\xfb\x01',
  '\xff\xf1',
  '\xff',
  '\x16\x03',
  ' HTTP/1.1',
  '\xef\xbb\xbf',
  '\xe2\x80\xa8',
  '\xed\xa0\x80',
  '\xf0\x9f\x98\x80',
  '\xc2\x85',
  '\0',
  'PROXY ',
  'TCP4',
  'TCP6',
  'UNKNOWN',
  '192.0.2.7',
  '::1',
  ' 65535',
  '\r\n\r\n\0\r\nQUIT\n',
  '\x21\x11',
  '\x21\x21',
  '\x20\0',
  '\0\x0c',
  '\0\x24',
  '\x20\0\x05\x01',
].map((word) => Buffer.from(word, 'latin1')) as [Buffer, ...Buffer[]];

/** The longest input, in bytes. */
const maxBytes = 600;

function spliced(bytes: Buffer, at: number, length: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + length)]);
}

function step(random: Random, bytes: Buffer, other: Buffer): Buffer {
  const at = random.below(bytes.length + 1);
  const length = random.below(Math.min(16, bytes.length - at) + 1);
  switch (random.below(7)) {
    case 0:
      return spliced(
        bytes,
        at,
        Math.min(1, bytes.length - at),
        Buffer.from([(bytes[at] ?? 0) ^ (1 << random.below(8))]),
      );
    case 1:
      return spliced(bytes, at, random.below(2), Buffer.from([random.below(256)]));
    case 2:
      return spliced(bytes, at, length, Buffer.alloc(0));
    case 3:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 4:
      return spliced(bytes, at, random.once(2) ? 0 : length, random.pick(words));
    case 5:
      return spliced(bytes, at, 0, Buffer.alloc(1 + random.below(70), bytes[at] ?? 0x61));
    default: {
      const from = random.below(other.length + 1);
      return spliced(bytes, at, length, other.subarray(from, from + random.below(40)));
    }
  }
}

/** Changes `bytes` in 1, 2, 4 or 8 places, some of them with parts of `other`. */
export function mutated(random: Random, bytes: Buffer, other: Buffer): Buffer {
  let changed = bytes;
  for (let steps = 1 << random.below(4); steps > 0; steps -= 1) changed = step(random, changed, other);
  return changed.subarray(0, maxBytes);
}
