// IP addresses and networks: how people write them, the one form in which each is kept, and who is in which. Pure.
import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net';

/** All addresses that begin with the first `prefix` bits of `address`: what node:net's BlockList takes. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function familyOf(address: string): Network['family'] {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Bits of an IPv6 address before the IPv4 address that it stands for (`::ffff:192.0.2.7`). */
const mappedBits = 96;

/**
 * `192.0.2.0/24`, `2001:db8::/32`, or an address, which is a network of one. Undefined where the text is neither. An
 * IPv6 address that stands for an IPv4 one is that one. A zone (`fe80::1%eth0`) is no part of an address: see
 * `withoutZone`.
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

/**
 * The text without the zone that the system writes behind an address of the local network: `fe80::1%eth0` is fe80::1,
 * on whichever link.
 */
export function withoutZone(text: string): string {
  return text.replace(/%[^/]*/, '');
}

/** The IPv4 address that an IPv6 address stands for. */
function mappedAddress(address: string): string | undefined {
  const [high = 0, low = 0, ...before] = groupsOf(address).reverse();
  if (before[0] !== 0xffff || before.slice(1).some((group) => group !== 0)) return undefined;
  return [low >> 8, low & 255, high >> 8, high & 255].join('.');
}

/**
 * A test of whether an address is in one of the networks. An IPv4 address is in no IPv6 network, `::/0` included, and
 * one that is written as IPv6 is an IPv4 address.
 */
export function inNetworks(networks: Iterable<Network>): (address: string) => boolean {
  // One each: a list takes every IPv4 address for the IPv6 address that stands for it.
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const { address, prefix, family } of networks) lists[family].addSubnet(address, prefix, family);
  return (text) => {
    const one = parseNetwork(withoutZone(text));
    return one !== undefined && lists[one.family].check(one.address, one.family);
  };
}

/** A network's one name: the bits behind its prefix are zero, and its address is written as the system does (RFC 5952). */
export function networkName({ address, prefix, family }: Network): string {
  const size = family === 'ipv4' ? 8 : 16;
  const kept = (family === 'ipv4' ? address.split('.').map(Number) : groupsOf(address)).map((part, at) => {
    const bits = Math.min(size, Math.max(0, prefix - size * at));
    return part & ~((1 << (size - bits)) - 1);
  });
  return `${family === 'ipv4' ? kept.join('.') : ipv6Address(kept)}/${prefix}`;
}

/** The address of the eight groups of 16 bits, as the system writes it. */
function ipv6Address(groups: readonly number[]): string {
  return new SocketAddress({ address: groups.map((group) => group.toString(16)).join(':'), family: 'ipv6' }).address;
}

/** The eight groups of an IPv6 address. */
export function groupsOf(address: string): number[] {
  const [head = '', tail] = address.split('::').map(wordsOf);
  const [front, back] = [head, tail ?? ''].map((part) =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)),
  );
  return [...(front ?? []), ...Array<number>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill(0), ...(back ?? [])];
}

/** With an IPv4 address at the end as the two groups that it is. */
function wordsOf(part: string): string {
  return part.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
