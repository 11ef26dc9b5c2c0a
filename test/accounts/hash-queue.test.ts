// Tests whose turn it is to have a password hashed, and who is refused, under floods and over a simulated clock.
import fc from 'fast-check';
import t from 'tap';
import { HashLine, type HashEntry } from '../../src/accounts/hash-line.js';
import { HashQueue, operatorAddress, type HashAsker, type HashQueueOptions } from '../../src/accounts/hash-queue.js';

/** Milliseconds of a hash, of which two are made at one time: what a small machine takes. */
const hashTime = 600;
const limit = 64;

function optionsOf(known: ReadonlySet<string> = new Set()): HashQueueOptions {
  return { strangersShare: 4, isKnown: (address) => known.has(address) };
}

type Outcome = 'made' | { readonly retryAfter: number };

/** Two that make hashes, and a queue before them. Time passes by `advance`. */
class Machine {
  readonly known = new Set<string>();
  readonly queue = new HashQueue<(outcome: Outcome) => void>(limit, optionsOf(this.known));
  /** When each of the hashes that run ends. */
  #running: { readonly end: number; readonly done: (outcome: Outcome) => void }[] = [];
  now = 0;

  ask(asker: HashAsker, done: (outcome: Outcome) => void): void {
    const refused = this.queue.add(done, asker, this.now);
    refused?.item({ retryAfter: Math.ceil((refused.ahead * hashTime) / 2) });
    this.#start();
  }

  /** Moves to the next moment at which a hash ends, but at most to `until`. */
  advance(until: number): void {
    this.now = Math.min(until, ...this.#running.map(({ end }) => end));
    const ended = this.#running.filter(({ end }) => end <= this.now);
    this.#running = this.#running.filter(({ end }) => end > this.now);
    for (const { done } of ended) done('made');
    this.#start();
  }

  #start(): void {
    while (this.#running.length < 2) {
      const done = this.queue.take();
      if (done === undefined) return;
      this.#running.push({ end: this.now + hashTime, done });
    }
  }
}

/** Who floods: how many addresses, at how many attempts a minute each, and whose account each of them asks for. */
interface Flood {
  readonly addresses: number;
  readonly perMinute: number;
  readonly account: (address: number, attempt: number) => string;
  /** Where its addresses are; each in a network of its own unless given. */
  readonly addressOf?: (address: number) => string;
  /** Whether the flood has accounts of its own, and has logged in from each of its addresses. */
  readonly isKnown: boolean;
}

const accounts: Readonly<Record<string, Flood['account']>> = {
  "the user's": () => 'alice',
  another: () => 'bob',
  'one for each address': (address) => `user ${address}`,
  'ever new names': (address, attempt) => `user ${address} ${attempt}`,
};

const floods = (addresses: fc.Arbitrary<number>): fc.Arbitrary<Flood & { readonly name: string }> =>
  fc
    .record({
      addresses,
      perMinute: fc.integer({ min: 10, max: 30 }),
      name: fc.constantFrom(...Object.keys(accounts)),
      isKnown: fc.boolean(),
    })
    .map((each) => ({ ...each, account: accounts[each.name] ?? ((): string => '') }));

/**
 * Lets a user try until a hash is made, waiting as long as each refusal says. The flood goes on.
 * @param start milliseconds from the flood's beginning to the user's first try
 * @returns how many tries it took, and how long
 */
function triesUnder(
  flood: Flood,
  asker: HashAsker,
  start: number,
  isKnown = false,
): { readonly tries: number; readonly wait: number } {
  const machine = new Machine();
  const { addressOf = (address): string => `flood ${address}` } = flood;
  if (isKnown) machine.known.add(asker.address);
  if (flood.isKnown)
    for (let address = 0; address < flood.addresses; address += 1) machine.known.add(addressOf(address));
  // The addresses take turns.
  const pause = 60_000 / flood.perMinute / flood.addresses;
  let [attempts, tries, nextTry, isIn] = [0, 0, start, false];
  while (!isIn && tries < 100) {
    machine.advance(Math.min(nextTry, attempts * pause));
    if (attempts * pause <= machine.now) {
      const address = attempts % flood.addresses;
      machine.ask({ address: addressOf(address), account: flood.account(address, attempts) }, () => undefined);
      attempts += 1;
    }
    if (nextTry > machine.now) continue;
    tries += 1;
    nextTry = Infinity;
    machine.ask(asker, (outcome) => {
      if (outcome === 'made') isIn = true;
      else nextTry = machine.now + outcome.retryAfter;
    });
  }
  return { tries, wait: machine.now - start };
}

const alice = { address: '192.0.2.1', account: 'alice' };
const numRuns = 20;

t.test('under strangers who flood, a user at a known address has a turn at the first try', async () => {
  const strangers = floods(fc.integer({ min: 1, max: 300 })).map((flood) => ({ ...flood, isKnown: false }));
  fc.assert(
    fc.property(
      strangers,
      fc.integer({ min: 0, max: 200_000 }),
      (flood, start) => triesUnder(flood, alice, start, true).tries === 1,
    ),
    { numRuns },
  );
});

t.test(
  'under a flood that has accounts too, it has one at the first or second, after each of them had one',
  async () => {
    fc.assert(
      fc.property(floods(fc.integer({ min: 1, max: 250 })), fc.integer({ min: 0, max: 60_000 }), (flood, more) => {
        const start = flood.addresses * hashTime + more;
        return triesUnder(flood, alice, start, true).tries <= 2;
      }),
      { numRuns },
    );
  },
);

t.test(
  'a user at a new address has one as soon as the flood has had its own, and waits for no more than that',
  async () => {
    fc.assert(
      fc.property(floods(fc.integer({ min: 1, max: 250 })), fc.integer({ min: 0, max: 120_000 }), (flood, start) => {
        const { tries, wait } = triesUnder({ ...flood, isKnown: false }, alice, start);
        return tries <= 12 && wait <= (flood.addresses + limit) * hashTime;
      }),
      { numRuns },
    );
  },
);

/**
 * Where an attacker has hundreds of addresses, and hashes of two at one time until a newcomer elsewhere has its own.
 */
const places: Readonly<Record<string, readonly [addressOf: (address: number) => string, hashes: number]>> = {
  'a /24': [(address) => `10.1.2.${address}`, 3],
  'a /16': [(address) => `10.1.${address}.1`, 4],
  'a /48': [(address) => `2001:db8:1:${address.toString(16)}::/64`, 3],
  'a /32': [(address) => `2001:db8:${address.toString(16)}::/64`, 4],
};

for (const [place, [addressOf, hashes]] of Object.entries(places)) {
  t.test(`a user at a new address has a turn at once, whatever comes from ${place} elsewhere`, async () => {
    fc.assert(
      fc.property(floods(fc.integer({ min: 1, max: 250 })), fc.integer({ min: 0, max: 30_000 }), (flood, start) => {
        const { tries, wait } = triesUnder({ ...flood, addressOf, isKnown: false }, alice, start);
        return tries === 1 && wait <= hashes * hashTime;
      }),
      { numRuns: 8 },
    );
  });
}

t.test('a user whose neighbours flood waits at most twice as long as without them', async () => {
  // Every other address of the flood is a neighbour of the user's.
  const addressOf = (address: number): string => (address % 2 === 0 ? `192.0.2.${address + 2}` : `flood ${address}`);
  fc.assert(
    fc.property(floods(fc.integer({ min: 1, max: 250 })), fc.integer({ min: 0, max: 120_000 }), (flood, start) => {
      const { tries, wait } = triesUnder({ ...flood, addressOf, isKnown: false }, alice, start);
      return tries <= 24 && wait <= 2 * (flood.addresses + limit) * hashTime;
    }),
    { numRuns },
  );
});

t.test('an operator has the next turn, whoever floods', async () => {
  fc.assert(
    fc.property(floods(fc.integer({ min: 1, max: 250 })), fc.integer({ min: 0, max: 120_000 }), (flood, start) => {
      const { tries, wait } = triesUnder(flood, { address: operatorAddress, account: 'carol' }, start);
      return tries === 1 && wait <= 2 * hashTime;
    }),
    { numRuns },
  );
});

const asker = fc.record({
  address: fc.constantFrom('a', 'b', '10.1.2.3', '10.1.2.4', '10.1.3.4', operatorAddress),
  account: fc.constantFrom('alice', 'bob', 'carol'),
});
const call = fc.oneof(
  fc.record({ does: fc.constant('ask' as const), asker }),
  fc.record({ does: fc.constant('take' as const) }),
  fc.record({ does: fc.constant('log in' as const), address: fc.constantFrom('a', 'b') }),
  fc.record({ does: fc.constant('wait' as const), for: fc.integer({ min: 0, max: 4_000_000 }) }),
);

t.test('whoever asks is taken once or refused once, and no more wait than may', async () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 200 }), fc.integer({ min: 1, max: 12 }), (calls, most) => {
      const known = new Set<string>();
      const queue = new HashQueue<number>(most, optionsOf(known));
      const waiting = new Map<number, string>();
      let [now, number] = [0, 0];
      const leave = (left: number | undefined): void => {
        if (left !== undefined && !waiting.delete(left)) throw new Error(`${left} did not wait`);
      };
      for (const each of calls) {
        if (each.does === 'wait') now += each.for;
        if (each.does === 'log in') known.add(each.address);
        if (each.does === 'take') {
          const taken = queue.take();
          if (taken === undefined && waiting.size > 0) return false;
          leave(taken);
        }
        if (each.does === 'ask') {
          waiting.set((number += 1), each.asker.address);
          const refused = queue.add(number, each.asker, now);
          if (refused !== undefined && !(refused.ahead >= 0)) return false;
          leave(refused?.item);
        }
        const operators = [...waiting.values()].filter((address) => address === operatorAddress).length;
        if (queue.length !== waiting.size || operators > most || waiting.size - operators > most) return false;
      }
      for (const left of queue.clear()) leave(left);
      return waiting.size === 0 && queue.length === 0;
    }),
  );
});

t.test('strangers have one turn of four while known addresses wait, and a quarter of the places', async (t) => {
  const queue = new HashQueue<string>(8, optionsOf(new Set(['known'])));
  for (let each = 0; each < 20; each += 1) queue.add('stranger', { address: `stranger ${each}`, account: '' }, 0);
  for (let each = 0; each < 20; each += 1) queue.add('known', { address: 'known', account: `${each}` }, 0);
  const turns = Array.from({ length: 8 }, () => queue.take());
  t.same(turns, ['known', 'known', 'known', 'stranger', 'known', 'known', 'known', 'stranger']);
});

t.test('of two addresses that are new, the one comes first whose account is not flooded', async (t) => {
  const queue = new HashQueue<string>(8, optionsOf());
  for (let each = 0; each < 4; each += 1) queue.add('flood', { address: `new ${each}`, account: 'bob' }, 0);
  queue.add('alice', { address: 'new', account: 'alice' }, 0);
  queue.add("bob, at home, which the flood doesn't know", { address: 'home', account: 'bob' }, 0);
  t.same([queue.take(), queue.take()], ['flood', 'alice']);
});

t.test('whoever was refused comes before those that asked later', async (t) => {
  const queue = new HashQueue<string>(2, optionsOf());
  const ask = (address: string, now: number): unknown => queue.add(address, { address, account: address }, now)?.item;
  t.same(
    ['a', 'b', 'c', 'd'].map((address, now) => ask(address, now)),
    [undefined, undefined, 'c', 'd'],
  );
  t.equal(queue.take(), 'a');
  t.equal(ask('e', 10), undefined);
  t.equal(ask('d', 11), 'e');
  t.equal(ask('c', 12), 'd');
  t.same([queue.take(), queue.take()], ['b', 'c']);
});

t.test('the hashes of an address are forgotten, one every five minutes', async (t) => {
  for (const [now, first] of [
    [299_999, 'new'],
    [300_000, 'old'],
  ] as const) {
    const queue = new HashQueue<string>(8, optionsOf());
    queue.add('before', { address: '192.0.2.1', account: 'before' }, 0);
    queue.take();
    queue.add('old', { address: '192.0.2.1', account: '' }, now);
    queue.add('new', { address: '192.0.2.2', account: '' }, now);
    t.equal(queue.take(), first);
  }
});

t.test('half of the turns go by address, the others by network and provider, beginning with an address', (t) => {
  const line = new HashLine<HashEntry<string>>();
  // Five who are in one network of one provider wait, and then one of another network, and one of another provider.
  const add = (item: string, network: string, provider: string, ofAddress: number): void =>
    line.add({ item, address: item, networks: { network, provider }, ofAddress, ofAccount: 0 }, 0, ofAddress);
  for (let at = 0; at < 5; at += 1) add(`a${at}`, 'a', 'p', at);
  add('b', 'b', 'p', 10);
  add('c', 'c', 'q', 20);
  t.same(
    Array.from({ length: 8 }, () => line.takeFirst()?.item),
    ['a0', 'b', 'a1', 'c', 'a2', 'a3', 'a4', undefined],
  );
  t.equal(line.length, 0);
  t.end();
});

t.test('what a network had before it came does not count, and what it has then does', (t) => {
  const line = new HashLine<HashEntry<string>>();
  let arrivals = 0;
  const add = (network: string): void => {
    arrivals += 1;
    const address = `${network}${arrivals}`;
    line.add({ item: network, address, networks: { network, provider: '' }, ofAddress: 0, ofAccount: 0 }, 0, arrivals);
  };
  const take = (count: number): readonly unknown[] => Array.from({ length: count }, () => line.takeFirst()?.item);
  for (let count = 0; count < 20; count += 1) {
    add('large');
    take(1);
  }
  for (let count = 0; count < 20; count += 1) add('flood');
  for (let count = 0; count < 3; count += 1) add('large');
  t.equal(take(12).filter((item) => item === 'large').length, 2, 'each turn by network, but for the first one');
  t.end();
});

t.test('who is refused is the last by address of those that are in no first quarter by network or provider', (t) => {
  for (const [count, refused] of [
    [1, 0],
    [2, 1],
    [5, 4],
    [6, 4],
    [9, 7],
    [10, 8],
  ] as const) {
    const line = new HashLine<HashEntry<number>>();
    // All are in one network, but for the last, which is the last by address too.
    for (let at = 0; at < count; at += 1) {
      const network = at === count - 1 ? 'newcomer' : 'flood';
      const networks = { network, provider: network };
      line.add({ item: at, address: `a${at}`, networks, ofAddress: at, ofAccount: 0 }, at, at);
    }
    t.equal(line.refuseLast(0)?.entry.item, refused, `of ${count}`);
    t.equal(line.length, count - 1);
  }
  t.end();
});
