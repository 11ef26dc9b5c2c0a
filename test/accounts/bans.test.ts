// Bans (src/accounts/bans.ts): how networks are written, who is in one, and how long a ban holds.
import fc from 'fast-check';
import t from 'tap';
import { Bans } from '../../src/accounts/bans.js';
import { inNetwork, networkOf } from '../../src/accounts/networks.js';
import { MemoryStore } from '../../src/store/memory.js';
import type { Ban, Entry } from '../../src/store/store.js';

t.test('a network is kept in one form, without what is behind its prefix', async (t) => {
  const forms: Readonly<Record<string, string | undefined>> = {
    '192.0.2.7': '192.0.2.7/32', '192.0.2.7/24': '192.0.2.0/24', '10.1.2.3/9': '10.0.0.0/9', '255.255.255.255/0': '0.0.0.0/0',
    '2001:DB8::1': '2001:db8::1/128', '2001:db8:1:2:3:4:5:6/64': '2001:db8:1:2::/64', '2001:db8:ffff::/33': '2001:db8:8000::/33', '::/0': '::/0',
    '::ffff:192.0.2.7/120': '::ffff:192.0.2.0/120',
    '192.0.2.7/33': undefined, '::/129': undefined, '192.0.2': undefined, 'alice': undefined, '': undefined, '1.2.3.4/': undefined, '#7': undefined,
  };
  for (const [text, network] of Object.entries(forms)) t.equal(networkOf(text), network, text);
});

t.test('every address is in the network that is made of it, however long the prefix', async () => {
  const address = fc.oneof(fc.ipV4().map((text) => [text, 32] as const), fc.ipV6().map((text) => [text, 128] as const));
  fc.assert(fc.property(address, fc.nat(), ([text, bits], length) => (
    inNetwork(networkOf(`${text}/${length % (bits + 1)}`) ?? '')(text))), { numRuns: 2000 });
});

const spam = { kind: 'network', target: '192.0.2.0/24', reason: 'spam', created: 1000, until: 2000 } as const satisfies Ban;
const mallory = { kind: 'user', target: 'mallory', reason: '', created: 1000, until: undefined } as const satisfies Ban;

t.test('who is banned is so until the ban ends or is taken back, and after a start', async (t) => {
  const store = new MemoryStore<Entry>();
  await (await Bans.read(store)).add(mallory);
  await store.setBan(spam);
  const bans = await Bans.read(store);
  t.same(bans.ofUser('mallory'), mallory);
  t.equal(bans.ofUser('alice'), undefined);
  t.same(bans.all(1999), [mallory, spam]);
  t.same(bans.ofAddress('192.0.2.255', 1999), spam);
  t.equal(bans.ofAddress('192.0.3.0', 1999), undefined);
  t.equal(bans.ofAddress('::1', 1999), undefined);
  t.equal(bans.ofAddress('192.0.2.255', 2000), undefined, 'it has ended');
  t.same(bans.all(2000), [mallory]);
  t.equal(await bans.remove(mallory), true);
  t.equal(await bans.remove(mallory), false);
  t.equal(bans.ofUser('mallory'), undefined);
});

t.test('bans that have ended leave the store when another comes', async (t) => {
  const store = new MemoryStore<Entry>();
  await store.setBan(spam);
  await (await Bans.read(store)).add(mallory);
  t.same(await store.listBans(), [mallory]);
});
