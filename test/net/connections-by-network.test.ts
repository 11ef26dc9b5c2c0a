// Tests which connection gives way: by examples, and with any course of events against a model that counts anew each
// time.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import { originOf, ConnectionsByNetwork } from '../../src/net/connections-by-network.js';

const addresses = [
  '192.0.2.1',
  '192.0.2.2',
  '198.51.100.1',
  '203.0.113.9',
  '2001:db8:0:1::1',
  '2001:db8:0:1::2',
  '2001:db8:0:2::1',
  'unknown',
  'unix:/run/chat',
] as const;

/** The network and the address as guests are counted, of each address. */
const names: Readonly<Record<string, readonly [string, string]>> = {
  '192.0.2.1': ['192.0.2', '1'],
  '192.0.2.2': ['192.0.2', '2'],
  '198.51.100.1': ['198.51.100', '1'],
  '203.0.113.9': ['203.0.113', '9'],
  '2001:db8:0:1::1': ['db8', '1'],
  '2001:db8:0:1::2': ['db8', '1'],
  '2001:db8:0:2::1': ['db8', '2'],
  unknown: ['unknown', ''],
  'unix:/run/chat': ['unix', ''],
};

interface Guest {
  readonly address: string;
}

const networkOf = ({ address }: Guest): string => names[address]?.[0] ?? '';
const keyOf = ({ address }: Guest): string => (names[address] ?? []).join(' ');

const event = fc.record({
  do: fc.constantFrom('add', 'add', 'add', 'heard', 'delete', 'ask', 'ask'),
  address: fc.constantFrom(...addresses),
  guest: fc.nat(30),
});

t.test('whoever gives way is the one that was silent longest, of the address and network that have most', async (t) => {
  let chosenOnes = 0;
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80, size: 'max' }), fc.boolean(), (events, isExempt) => {
      const guests = new ConnectionsByNetwork<Guest>();
      // The one that was silent longest is the first.
      let model: Guest[] = [];
      for (const { do: what, address, guest: place } of events) {
        const guest = model[place];
        if (what === 'add') {
          const added = { address };
          model.push(added);
          guests.add(added, originOf(address));
        } else if (what === 'ask') {
          const chosen = guests.toGiveWay(isExempt ? undefined : originOf(address));
          check(model, isExempt ? undefined : { address }, chosen);
          if (chosen !== undefined) chosenOnes += 1;
          checkCrowd(guests, model, place);
        } else if (guest !== undefined) {
          model = model.filter((each) => each !== guest);
          if (what === 'heard') model.push(guest);
          guests[what](guest, originOf(guest.address));
        }
      }
      for (const each of model) guests.delete(each, originOf(each.address));
      assert.equal(guests.toGiveWay(), undefined);
    }),
    { numRuns: 1000 },
  );
  t.ok(chosenOnes > 1000, `${chosenOnes} gave way`);

  function checkCrowd(guests: ConnectionsByNetwork<Guest>, model: readonly Guest[], fair: number): void {
    const ofNetwork = (name: string): readonly Guest[] => model.filter((each) => networkOf(each) === name);
    const most = Math.max(0, ...model.map((each) => ofNetwork(networkOf(each)).length));
    for (const each of model) assert.equal(guests.countOf(originOf(each.address)), ofNetwork(networkOf(each)).length);
    const newest = guests.newestOfCrowd(fair);
    assert.equal(newest !== undefined, most > fair);
    if (newest === undefined) return;
    assert.equal(ofNetwork(networkOf(newest)).length, most);
    assert.equal(model.filter((each) => keyOf(each) === keyOf(newest)).at(-1), newest);
  }

  function check(model: readonly Guest[], newcomer: Guest | undefined, chosen: Guest | undefined): void {
    const count = (name: (guest: Guest) => string, like: Guest): number =>
      model.filter((each) => name(each) === name(like)).length;
    const mostOf = (some: readonly Guest[], name: (guest: Guest) => string): number =>
      Math.max(0, ...some.map((each) => count(name, each)));
    const most = mostOf(model, networkOf);
    const isFewer =
      newcomer === undefined ||
      count(networkOf, newcomer) < most ||
      networkOf(newcomer) === 'unix' ||
      count(keyOf, newcomer) <
        mostOf(
          model.filter((each) => networkOf(each) === networkOf(newcomer)),
          keyOf,
        );
    assert.equal(chosen !== undefined, isFewer && model.length > 0);
    if (chosen === undefined) return;
    assert.equal(count(networkOf, chosen), most);
    const neighbours = model.filter((each) => networkOf(each) === networkOf(chosen));
    assert.equal(count(keyOf, chosen), mostOf(neighbours, keyOf));
    assert.equal(
      neighbours.find((each) => keyOf(each) === keyOf(chosen)),
      chosen,
    );
  }
});

t.test('where all networks have one, the network gives way that has had it for longest', async (t) => {
  const guests = new ConnectionsByNetwork<number>();
  for (let network = 0; network < 100; network += 1) guests.add(network, originOf(`10.0.${network}.1`));
  t.equal(guests.toGiveWay(originOf('192.0.2.1')), 0);
  t.equal(
    guests.toGiveWay(originOf('10.0.7.2')),
    7,
    "one of the newcomer's own network, where another address has more",
  );
  t.equal(guests.toGiveWay(originOf('10.0.7.1')), undefined);
});

t.test('of a Unix socket the guest that was silent longest gives way to others of the socket too', async (t) => {
  const guests = new ConnectionsByNetwork<string>();
  const socket = originOf('unix:/run/salond/chat.sock');
  for (const name of ['first', 'second']) guests.add(name, socket);
  guests.add('elsewhere', originOf('192.0.2.1'));
  guests.heard('first', socket);
  t.equal(guests.toGiveWay(socket), 'second');
  t.equal(guests.toGiveWay(originOf('192.0.2.2')), 'second');
});
