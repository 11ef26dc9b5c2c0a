// Networks (src/ip/networks.ts): how they are written, and who is in one.
import { isIPv4 } from 'node:net';
import fc from 'fast-check';
import t from 'tap';
import { inNetworks, networkName, parseNetwork } from '../../src/ip/networks.js';
import { limitKey } from '../../src/net/addresses.js';

const named = (text: string): string | undefined => {
  const network = parseNetwork(text);
  return network && networkName(network);
};

t.test('a network has one name, without what is behind its prefix', async (t) => {
  const forms: Readonly<Record<string, string | undefined>> = {
    '192.0.2.7': '192.0.2.7/32',
    '192.0.2.7/24': '192.0.2.0/24',
    '10.1.2.3/9': '10.0.0.0/9',
    '255.255.255.255/0': '0.0.0.0/0',
    '2001:DB8::1': '2001:db8::1/128',
    '2001:db8:1:2:3:4:5:6/64': '2001:db8:1:2::/64',
    '2001:db8:ffff::/33': '2001:db8:8000::/33',
    '::/0': '::/0',
    '::ffff:192.0.2.7/120': '192.0.2.0/24',
    '::ffff:192.0.2.7': '192.0.2.7/32',
    '::FFFF:c000:207': '192.0.2.7/32',
    '::ffff:0:0/96': '0.0.0.0/0',
    '::ffff:192.0.2.7/95': '::fffe:0:0/95',
    'fe80::1%eth0': undefined,
    'fe80..1': undefined,
    '192.0.2.7/33': undefined,
    '::/129': undefined,
    '192.0.2': undefined,
    alice: undefined,
    '': undefined,
    '1.2.3.4/': undefined,
    '#7': undefined,
  };
  for (const [text, name] of Object.entries(forms)) t.equal(named(text), name, text);
});

/** Written as what it is: an IPv4 address in an IPv6 network's form is in no IPv6 network. */
const address = fc
  .oneof(fc.ipV4(), fc.ipV6())
  .filter((text) => parseNetwork(text)?.family === (isIPv4(text) ? 'ipv4' : 'ipv6'));
const bitsOf = (text: string): number => (isIPv4(text) ? 32 : 128);

t.test(
  "every address is in the network that is made of it, however long the prefix, and the name is that network's",
  async () => {
    fc.assert(
      fc.property(address, fc.nat(), (text, length) => {
        const name = named(`${text}/${length % (bitsOf(text) + 1)}`) ?? '';
        const network = parseNetwork(name);
        return network !== undefined && inNetworks([network])(text) && networkName(network) === name;
      }),
      { numRuns: 2000 },
    );
  },
);

t.test('an address whose bit is another is in no network whose prefix has that bit', async () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 32 }), (text, bit, prefix) => {
      const bytes = text.split('.').map(Number);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
      return inNetworks([{ address: text, prefix, family: 'ipv4' }])(bytes.join('.')) === bit >= prefix;
    }),
    { numRuns: 2000 },
  );
});

t.test('an IPv4 address is one however it is written, and is in no IPv6 network', async (t) => {
  const test = (network: string): ((address: string) => boolean) =>
    inNetworks([parseNetwork(network)].filter((each) => each !== undefined));
  for (const text of ['192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207']) {
    t.ok(test('192.0.2.0/24')(text), text);
    t.ok(test('::ffff:192.0.2.0/120')(text), text);
    t.notOk(test('::/0')(text), text);
  }
  t.ok(test('fe80::/10')('fe80::1%eth0'), 'with its zone');
  t.notOk(test('::/0')('unknown'));
});

t.test('limits go by the address, or by the half of it that a customer gets', async (t) => {
  t.equal(limitKey('192.0.2.7'), '192.0.2.7');
  t.equal(limitKey('2001:db8:1:2:3:4:5:6'), limitKey('2001:db8:1:2::9'));
  t.not(limitKey('2001:db8:1:3::'), limitKey('2001:db8:1:2::'));
});
