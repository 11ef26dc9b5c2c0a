// What the property test lets several clients do: scripts of steps, drawn by fast-check. A step names rooms, keys and
// texts by number; the player (player.ts) turns it into bytes when its turn comes, and knows what it may be answered.
import fc from 'fast-check';

export type Step =
  /** `read` is the greatest id that the client has read in that room; `newest` asks for some of the newest instead. */
  | { readonly kind: 'join'; readonly room: number; readonly after: 'none' | 'zero' | 'read' | 'newest' | 'beyond' }
  | { readonly kind: 'leave'; readonly room: number }
  | { readonly kind: 'say'; readonly room: number; readonly form: 'json' | 'plain'; readonly times: number }
  /** The same user, room, key and variant are the same message, whichever session sends it. */
  | { readonly kind: 'say_keyed'; readonly room: number; readonly key: number; readonly variant: number }
  | {
      readonly kind: 'history';
      readonly room: number;
      readonly from: 'newest' | 'after' | 'before' | 'around';
      readonly id: number;
      readonly limit: number;
    }
  | { readonly kind: 'users'; readonly room: number }
  | { readonly kind: 'log_out' }
  | { readonly kind: 'log_in' }
  | { readonly kind: 'ping' }
  | { readonly kind: 'bad'; readonly line: number }
  /** Sends what has gathered; then so many turns of the event loop, or so many milliseconds, pass. */
  | { readonly kind: 'pause'; readonly turns: number; readonly milliseconds: number }
  /** Sends what has gathered and reads all replies. */
  | { readonly kind: 'wait' }
  /** A new connection in place of the old one, which is closed by a FIN and read to its end, or torn down. */
  | { readonly kind: 'reconnect'; readonly by: 'end' | 'destroy' };

export interface Script {
  readonly user: number;
  /** The rooms that are joined at once. */
  readonly rooms: readonly number[];
  /** The sizes of the pieces in which the bytes are written, over and over. */
  readonly cuts: readonly number[];
  readonly steps: readonly Step[];
}

export const users = ['alice', 'Éloïse', 'bob'] as const;
export const roomLetters = ['a', 'b', 'c'] as const;
export const keyCount = 3;
export const variantCount = 2;

const user = fc.integer({ min: 0, max: users.length - 1 });
// The first room is where most happens.
const room = fc.constantFrom(0, 0, 0, 1, 1, 2);

const afterWhat = fc.constantFrom('none', 'zero', 'read', 'read', 'newest', 'beyond');
const form = fc.constantFrom('json', 'json', 'plain');
const milliseconds = fc.constantFrom(0, 0, 0, 1, 3);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('join'), room, after: afterWhat }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave'), room }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('say'), room, form, times: fc.constantFrom(1, 1, 2, 7) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('say_keyed'),
      room,
      key: fc.nat({ max: keyCount - 1 }),
      variant: fc.nat({ max: variantCount - 1 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('history'),
      room,
      from: fc.constantFrom('newest', 'after', 'before', 'around'),
      id: fc.nat({ max: 30 }),
      limit: fc.integer({ min: 1, max: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('users'), room }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('log_out') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('log_in') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('ping') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('bad'), line: fc.nat({ max: 1000 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pause'), turns: fc.nat({ max: 5 }), milliseconds }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reconnect'), by: fc.constantFrom('end', 'destroy') }) },
);

const cut = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 50, max: 5000 }));

const script: fc.Arbitrary<Script> = fc.record({
  user,
  rooms: fc.subarray([...roomLetters.keys()]),
  cuts: fc.array(cut, { minLength: 1, maxLength: 8 }),
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
});

/** Several clients at once; with three users, some of them are one user's. */
export const scenario: fc.Arbitrary<readonly Script[]> = fc.array(script, { minLength: 2, maxLength: 6, size: 'max' });
