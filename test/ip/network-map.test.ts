// Values by network (src/ip/network-map.ts), held to the plain way: looking at each network in turn.
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

/** Whether all addresses of the second network are in the first. */
const includes = (outer: Network, inner: Network): boolean =>
  outer.prefix <= inner.prefix && inNetworks([outer])(inner.address);

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
        String(map.ofAddress(asked.address)) === String(expected((each) => inNetworks([each])(asked.address))) &&
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
