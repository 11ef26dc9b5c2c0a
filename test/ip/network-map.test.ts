// Values by network (src/ip/network-map.ts), held to the plain way: looking at each network in turn.
import { BlockList } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { NetworkMap } from '../../src/ip/network-map.js';
import { inNetworks, networkName, parseNetwork, type Network } from '../../src/ip/networks.js';

/** Few addresses and few lengths, so that networks lie in one another. */
const network = fc
  .tuple(
    fc.constantFrom('10.0.0.1', '10.0.0.255', '10.128.0.0', '::1', '2001:db8::', '2001:db8:8000::1'),
    fc.constantFrom(0, 1, 8, 9, 25, 32, 33, 128),
  )
  .map(([address, prefix]) => parseNetwork(`${address}/${prefix}`))
  .filter((each): each is Network => each !== undefined);
const step = fc.record({ network, value: fc.option(fc.nat(9), { nil: undefined }) });

/** Whether one network has the address, by the runtime's own list. */
const has = ({ address, prefix, family }: Network, other: Network): boolean => {
  const list = new BlockList();
  list.addSubnet(address, prefix, family);
  return other.family === family && list.check(other.address, other.family);
};
/** Whether all addresses of the second network are in the first. */
const includes = (outer: Network, inner: Network): boolean => outer.prefix <= inner.prefix && has(outer, inner);

t.test('it finds the networks around one, those in it, and those of an address', async () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), network, (steps, asked) => {
      const map = new NetworkMap<string>();
      const model = new Map<string, { readonly network: Network; readonly value: string }>();
      for (const { network: each, value } of steps) {
        const name = networkName(each);
        if (value === undefined) {
          map.delete(each);
          model.delete(name);
        } else {
          map.set(each, `${name} ${value}`);
          model.set(name, { network: each, value: `${name} ${value}` });
        }
      }
      const expected = (is: (network: Network) => boolean): string[] =>
        [...model.values()]
          .filter((each) => is(each.network))
          .sort((one, other) => other.network.prefix - one.network.prefix)
          .map(({ value }) => value);
      const sorted = (all: readonly string[]): string[] => [...all].sort();
      const around = expected((each) => includes(each, asked));
      return (
        map.size === model.size &&
        String(map.get(asked)) === String(model.get(networkName(asked))?.value) &&
        String(map.around(asked)) === String(around) &&
        String(sorted(map.within(asked))) === String(sorted(expected((each) => includes(asked, each)))) &&
        String(map.ofAddress(asked.address)) ===
          String(expected((each) => has(each, { ...asked, prefix: asked.family === 'ipv4' ? 32 : 128 }))) &&
        inNetworks(Array.from(model.values(), (each) => each.network))(asked.address) ===
          [...model.values()].some((each) => has(each.network, asked)) &&
        String([...map.values()]) === String([...model.values()].map(({ value }) => value))
      );
    }),
    { numRuns: 2000 },
  );
});

t.test('the narrowest comes first, whatever the form of the address', async (t) => {
  const map = new NetworkMap<string>();
  for (const text of ['0.0.0.0/0', '192.0.2.7', '192.0.2.0/24', '::/0', 'fe80::/10']) {
    const each = parseNetwork(text);
    if (each !== undefined) map.set(each, text);
  }
  t.same(map.ofAddress('::ffff:192.0.2.7'), ['192.0.2.7', '192.0.2.0/24', '0.0.0.0/0']);
  t.same(map.ofAddress('fe80::1%eth0'), ['fe80::/10', '::/0']);
  t.same(map.ofAddress('unknown'), []);
});

t.test('a lookup asks once for each prefix length, however many networks there are', async (t) => {
  const networks = Array.from({ length: 10_000 }, (_, each) =>
    parseNetwork(`2001:db8:${each.toString(16)}::/${each % 129}`),
  ).filter((each) => each !== undefined);
  const map = new NetworkMap<number>();
  for (const [place, each] of networks.entries()) map.set(each, place);
  const isIn = inNetworks(networks);
  // The lookups that are counted are those of all maps and sets.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- they are called with their object below
  const [get, has] = [Map.prototype.get, Set.prototype.has];
  let asked = 0;
  const counted = (work: () => unknown): number => {
    asked = 0;
    work();
    return asked;
  };
  Map.prototype.get = function (key) {
    asked += 1;
    return get.call(this, key) as unknown;
  };
  Set.prototype.has = function (value) {
    asked += 1;
    return has.call(this, value);
  };
  try {
    const [address, one] = ['2001:db9::1', parseNetwork('2001:db8:270f::/128')];
    const costs = [
      counted(() => map.ofAddress(address)),
      counted(() => isIn(address)),
      counted(() => one && map.within(one)),
    ];
    t.ok(Math.max(...costs) <= 130, costs.join(' '));
  } finally {
    Map.prototype.get = get;
    Set.prototype.has = has;
  }
});
