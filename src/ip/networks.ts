// IP addresses and networks: parses them, writes them in one canonical form, and tells whether an address is in a
// network.
import { isIP, isIPv6, SocketAddress } from 'node:net';

/** The addresses that begin with the first `prefix` bits of `address`. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function familyOf(address: string): Network['family'] {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** The number of bits before the IPv4 address in a mapped IPv6 address (`::ffff:192.0.2.7`). */
const mappedBits = 96;

/**
 * Parses a network such as `192.0.2.0/24` or `2001:db8::/32`, or an address, which is a network of one address. Returns
 * undefined for any other text. A mapped IPv6 address becomes its IPv4 address. The text must have no zone
 * (`fe80::1%eth0`): see `withoutZone`.
 */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const size = version === 4 ? 32 : 128;
  const prefix = Number(bits ?? size);
  if (version === 0 || prefix > size) return undefined;
  const mapped = version === 6 && prefix >= mappedBits ? mappedAddress(address) : undefined;
  if (mapped === undefined) return { address, prefix, family: familyOf(address) };
  return { address: mapped, prefix: prefix - mappedBits, family: 'ipv4' };
}

/** Removes the zone that the system appends to a link-local address: `fe80::1%eth0` becomes `fe80::1`. */
export function withoutZone(text: string): string {
  return text.replace(/%[^/]*/, '');
}

/** The IPv4 address of a mapped IPv6 address; undefined if the address is not mapped. */
function mappedAddress(address: string): string | undefined {
  const [high = 0, low = 0, ...before] = groupsOf(address).reverse();
  if (before[0] !== 0xffff || before.slice(1).some((group) => group !== 0)) return undefined;
  return [low >> 8, low & 255, high >> 8, high & 255].join('.');
}

/**
 * Returns a function that tells whether an address is in one of the networks. An IPv4 address, also a mapped one, is in
 * no IPv6 network, not even in `::/0`. The cost of an answer depends on the number of different prefix lengths, not on
 * the number of networks.
 */
export function inNetworks(networks: Iterable<Network>): (address: string) => boolean {
  const byPrefix = { ipv4: new Map<number, Set<string>>(), ipv6: new Map<number, Set<string>>() };
  for (const network of networks) {
    const sets = byPrefix[network.family];
    const set = sets.get(network.prefix) ?? new Set();
    sets.set(network.prefix, set.add(networkKey(unitsOf(network), network.prefix)));
  }
  return (text) => {
    const one = parseNetwork(withoutZone(text));
    if (one === undefined) return false;
    const units = unitsOf(one);
    for (const [prefix, set] of byPrefix[one.family]) {
      if (prefix <= one.prefix && set.has(networkKey(units, prefix))) return true;
    }
    return false;
  };
}

/** The address as numbers of 16 bits: two for IPv4, eight for IPv6. */
export function unitsOf({ address, family }: Pick<Network, 'address' | 'family'>): readonly number[] {
  if (family === 'ipv6') return groupsOf(address);
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}

/**
 * A string that stands for a network in maps: the first `prefix` bits of the address, then zeros, then the prefix, each
 * UTF-16 unit 16 bits. Of one family, the keys of the networks inside a network follow its own in the order of strings,
 * with no other key between.
 */
export function networkKey(units: readonly number[], prefix: number): string {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = units;
  // One call, because a string that grows in pieces would be put together for the look-up.
  if (units.length === 2) return String.fromCharCode(a & mask(prefix), b & mask(prefix - 16), prefix);
  return String.fromCharCode(
    a & mask(prefix),
    b & mask(prefix - 16),
    c & mask(prefix - 32),
    d & mask(prefix - 48),
    e & mask(prefix - 64),
    f & mask(prefix - 80),
    g & mask(prefix - 96),
    h & mask(prefix - 112),
    prefix,
  );
}

/** The mask of the first `bits` of 16 bits; none where `bits` is negative. */
function mask(bits: number): number {
  return bits >= 16 ? 0xffff : bits <= 0 ? 0 : 0xffff & (0xffff << (16 - bits));
}

/** The canonical name of a network: the bits after the prefix are zero, and the address is written as in RFC 5952. */
export function networkName({ address, prefix, family }: Network): string {
  const size = family === 'ipv4' ? 8 : 16;
  const masked = (family === 'ipv4' ? address.split('.').map(Number) : groupsOf(address)).map((part, at) => {
    const bits = Math.min(size, Math.max(0, prefix - size * at));
    return part & ~((1 << (size - bits)) - 1);
  });
  return `${family === 'ipv4' ? masked.join('.') : ipv6Address(masked)}/${prefix}`;
}

/**
 * The name of the network of so many bits around an address, or around a smaller network. A text that is neither stands
 * for itself.
 */
export function around(text: string, bits: Readonly<Record<Network['family'], number>>): string {
  const network = parseNetwork(withoutZone(text));
  return network === undefined ? text : networkName({ ...network, prefix: bits[network.family] });
}

/** Writes an address from its eight groups of 16 bits, as in RFC 5952. */
function ipv6Address(groups: readonly number[]): string {
  return new SocketAddress({ address: groups.map((group) => group.toString(16)).join(':'), family: 'ipv6' }).address;
}

/** The eight groups of 16 bits of an IPv6 address. */
export function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::').map(wordsOf);
  const [front, back] = [head, tail ?? ''].map((part) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)),
  );
  return [...(front ?? []), ...Array<number>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill(0), ...(back ?? [])];
}

/** Writes an IPv4 address at the end of the text as two groups. */
function wordsOf(part: string): string {
  return part.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
