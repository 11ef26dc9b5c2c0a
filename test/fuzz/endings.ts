// The ways in which a connection ends, each with what comes last (PROTOCOL.md §1.3, §1.4, §1.6). Nothing that follows
// in the same bytes is executed.
import { anyCode, anyRef, bits, malformed, noRef, type Group } from './group.js';
import type { Target } from './target.js';

/** One way to end a connection. */
export interface Ending {
  /** Whether it can only stand first on a connection. */
  readonly first: boolean;
  /** Whether a 199 comes last, after the replies. */
  readonly closing: boolean;
  /** What this side does once the bytes are sent. */
  readonly then: 'wait' | 'fin' | 'destroy';
  readonly write: (target: Target) => void;
}

function rubbish(group: Group): void {
  group.raw('{"command":"ping","ref":999999999}\nhelp\n{"command":\n\u0000\n');
}

/** All ways, for connections to take in turn. */
export const endings: readonly [Ending, ...Ending[]] = [
  {
    first: false,
    closing: false,
    then: 'wait',
    write: ({ group, nextRef }) => {
      const ref = nextRef();
      group.line(`{"command":"quit","ref":${ref},"x":{}}`, ref, bits(1));
      rubbish(group);
    },
  },
  {
    first: false,
    closing: false,
    then: 'wait',
    write: ({ group, random }) => {
      // A pasted line ends nothing.
      group.line('  quit now, please \r', noRef, malformed);
      group.line(random.pick(['  quit \t \r', 'quit', '/bye', 'Bye  ']), noRef, bits(1));
      rubbish(group);
    },
  },
  {
    // A last line without an LF is a line; one with nothing in it is not.
    first: false,
    closing: false,
    then: 'fin',
    write: ({ group, nextRef, random }) => {
      const ref = nextRef();
      group.line(`{"command":"ping","ref":${ref}}`, ref, bits(1));
      if (random.once(2)) group.raw(' \t');
    },
  },
  {
    first: false,
    closing: false,
    then: 'fin',
    write: ({ group }) => group.unended('{"command":"pi', noRef, malformed),
  },
  {
    first: false,
    closing: false,
    then: 'fin',
    write: ({ group }) => group.unended('chatroom_message', noRef, bits(3)),
  },
  { first: false, closing: false, then: 'destroy', write: ({ group }) => rubbish(group) },
  {
    first: false,
    closing: true,
    then: 'wait',
    write: ({ group }) => {
      group.unended('x'.repeat(1_048_577), noRef, bits(15));
      rubbish(group);
    },
  },
  {
    first: true,
    closing: false,
    then: 'wait',
    write: ({ group, random }) => {
      group.line(random.pick(['GET / HTTP/1.1', 'POST /x HTTP/1.0\r', ' OPTIONS * HTTP/2']), noRef, malformed);
      rubbish(group);
    },
  },
  {
    first: true,
    closing: false,
    then: 'wait',
    write: ({ group, random }) => {
      group.unended(Buffer.from([0x16, 0x03, 0x01, random.below(256), random.below(256), 1, 0, 0]), noRef, malformed);
      rubbish(group);
    },
  },
  {
    first: true,
    closing: false,
    then: 'fin',
    write: ({ group }) => group.unended(Buffer.from([0x16]), anyRef, anyCode),
  },
];
