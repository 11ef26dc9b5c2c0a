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

/** `192.0.2.0/24`, `2001:db8::/32`, or an address, which is a network of one. Undefined where the text is neither. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const size = version === 4 ? 32 : 128;
  const prefix = Number(bits ?? size);
  return version === 0 || prefix > size ? undefined : { address, prefix, family: familyOf(address) };
}

/** A test of whether an address is in one of the networks. */
export function inNetworks(networks: Iterable<Network>): (address: string) => boolean {
  const list = new BlockList();
  for (const { address, prefix, family } of networks) list.addSubnet(address, prefix, family);
  return (address) => list.check(address, familyOf(address));
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
  const [front, back] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  return [...front ?? [], ...Array<number>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill(0), ...back ?? []];
}

/** With an IPv4 address at the end as the two groups that it is. */
function wordsOf(part: string): string {
  return part.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
