// Properties of the counting of sockets: whatever comes in whatever order, each socket is counted once, in the state in
// which it is, and no limit is passed.
import fc from 'fast-check';
import t from 'tap';
import { Admission, type Place } from '../../src/net/admission.js';
import { verbatim } from '../../src/wire/words.js';
import { worded } from '../support/sentences.js';

const limits = { maxConnections: 6, maxPerAddress: 3, maxRefused: 4, maxRefusedPerAddress: 2 };
const banned = '192.0.2.66';
const exempt = '192.0.2.1';
// The last two share a /64, and so a limit.
const addresses = ['192.0.2.7', exempt, banned, '2001:db8::1', '2001:db8::2'] as const;
const keyOf = (address: string): string => (address.includes(':') ? '2001:db8::/64' : address);

interface Action {
  readonly kind: 'arrive' | 'admit' | 'refuse' | 'leave';
  /** Which socket, of those that came so far. It may be gone. */
  readonly socket: number;
  readonly address: string;
}

const action: fc.Arbitrary<Action> = fc.record({
  kind: fc.constantFrom('arrive', 'admit', 'refuse', 'leave', 'arrive', 'admit'),
  socket: fc.nat(30),
  address: fc.constantFrom(...addresses),
});

interface Socket {
  readonly place: Place;
  state: 'arriving' | 'admitted' | 'refused' | 'left';
  address: string;
}

function admissionOf(rate: () => number): Admission {
  return new Admission({
    ...limits,
    rate: { take: rate },
    refusedHandshakeRate: { take: () => 0 },
    isExempt: (address) => address === exempt,
    banned: (address) => (address === banned ? { reason: verbatim('banned'), retryAfter: undefined } : undefined),
    now: () => 0,
  });
}

t.test('each socket is counted once in its state from accept to close, in any order of events', async (t) => {
  fc.assert(
    fc.property(
      fc.array(action, { maxLength: 80 }),
      fc.infiniteStream(fc.constantFrom(0, 0, 0, 1)),
      (actions, rates) => {
        const admission = admissionOf(() => Number(rates.next().value));
        const sockets: Socket[] = [];
        const inState = (state: Socket['state']): readonly Socket[] => sockets.filter((each) => each.state === state);
        const ofAddress = (state: Socket['state'], address: string): number =>
          inState(state).filter((each) => keyOf(each.address) === keyOf(address)).length;
        for (const { kind, socket: index, address } of actions) {
          if (kind === 'arrive') sockets.push({ place: admission.arrive(), state: 'arriving', address: '' });
          const socket = sockets[index];
          if (socket === undefined) continue;
          const wasArriving = socket.state === 'arriving';
          if (kind === 'admit' && socket.place.admit(address) === undefined) {
            if (!wasArriving) throw new Error('it was admitted twice');
            if (address === banned) throw new Error('a banned address was admitted');
            Object.assign(socket, { state: 'admitted', address });
          } else if (kind === 'refuse') {
            const stays = socket.place.refuse(address, false);
            if (stays && !wasArriving) throw new Error('it was not to be refused');
            if (wasArriving) Object.assign(socket, { state: stays ? 'refused' : 'left', address });
          } else if (kind === 'leave') {
            socket.place.leave();
            socket.state = 'left';
          }
          const { arriving, admitted, refused } = admission.counts;
          if (arriving !== inState('arriving').length) throw new Error(`${arriving} arriving`);
          if (admitted !== inState('admitted').length) throw new Error(`${admitted} admitted`);
          if (refused !== inState('refused').length) throw new Error(`${refused} refused`);
          if (admitted > limits.maxConnections || refused > limits.maxRefused) throw new Error('a total is passed');
          for (const each of addresses.filter((other) => other !== exempt)) {
            if (ofAddress('admitted', each) > limits.maxPerAddress) throw new Error(`too many of ${each}`);
            if (ofAddress('refused', each) > limits.maxRefusedPerAddress)
              throw new Error(`too many refused of ${each}`);
          }
        }
        for (const { place } of sockets) place.leave();
        const { arriving, admitted, refused } = admission.counts;
        if (arriving + admitted + refused !== 0) throw new Error('the last one did not leave');
      },
    ),
    { numRuns: 300 },
  );
  t.pass('never wrong and never negative');
});

t.test('a socket whose PROXY header is awaited takes a place, at last one of those for refused clients', async (t) => {
  const admission = admissionOf(() => 0);
  const all = limits.maxConnections + limits.maxRefused;
  const waiting = Array.from({ length: all }, () => admission.arrive());
  for (const place of waiting) t.equal(place.checkTotal(), undefined);
  const beyond = admission.arrive();
  t.match(worded(beyond.checkTotal()), { reason: 'the server has too many connections' });
  t.match(worded(beyond.admit(exempt)), { reason: 'the server has too many connections' });
  t.equal(beyond.refuse(exempt, false), false, 'it is closed at once');
  for (const place of waiting.slice(0, limits.maxConnections)) t.equal(place.admit(exempt), undefined);
  t.match(worded(waiting.at(-1)?.admit(exempt)), { reason: 'the server has too many connections' });
  waiting[0]?.leave();
  t.equal(waiting.at(-1)?.admit(exempt), undefined, 'one that is gone makes room');
});

t.test('an address that has all its connections is refused for that, also where no place is left', async (t) => {
  const admission = admissionOf(() => 0);
  const [first] = addresses;
  for (let each = 0; each < limits.maxPerAddress; each += 1) t.equal(admission.arrive().admit(first), undefined);
  while (admission.counts.admitted < limits.maxConnections) t.equal(admission.arrive().admit(exempt), undefined);
  t.match(worded(admission.arrive().admit(first)), { reason: 'too many connections from your address' });
  t.match(worded(admission.arrive().admit('192.0.2.8')), { reason: 'the server has too many connections' });
});

t.test('an address is told why after a handshake so often, and without one as often as there are places', async (t) => {
  let permits = 1;
  const admission = new Admission({
    ...limits,
    rate: { take: () => 0 },
    refusedHandshakeRate: { take: () => (--permits < 0 ? 1000 : 0) },
    isExempt: (address) => address === exempt,
    banned: () => undefined,
    now: () => 0,
  });
  const refuse = (address: string, needsHandshake: boolean): boolean => {
    const place = admission.arrive();
    const stays = place.refuse(address, needsHandshake);
    place.leave();
    return stays;
  };
  t.equal(refuse(addresses[0], true), true);
  t.equal(refuse(addresses[0], true), false);
  t.equal(refuse(addresses[0], false), true);
  t.equal(refuse(exempt, true), true);
});
