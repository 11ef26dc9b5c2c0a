// What the network says of where a connection comes from.
import { BlockList, isIPv6, type Socket } from 'node:net';

/** An IPv4 address that came over an IPv6 socket, as IPv4. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The address of the connection's other end, `unknown` once it is gone. */
export function remoteAddress(socket: Socket): string {
  return plain(socket.remoteAddress ?? 'unknown');
}

/** Whether both ends are on this machine: by loopback, or by one of its own addresses. */
export function isLocal(socket: Socket): boolean {
  const address = remoteAddress(socket);
  return isLoopback(address) || address === plain(socket.localAddress ?? '');
}

export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

const loopback = blockList([{ address: '127.0.0.0', prefix: 8, family: 'ipv4' }, { address: '::1', prefix: 128, family: 'ipv6' }]);

export interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function blockList(ranges: readonly AddressRange[]): BlockList {
  const list = new BlockList();
  for (const { address, prefix, family } of ranges) list.addSubnet(address, prefix, family);
  return list;
}

/** A test of whether an address is in one of the ranges. */
export function rangeTest(ranges: readonly AddressRange[]): (address: string) => boolean {
  const list = blockList(ranges);
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** Whose limits an address counts against: its own, or its /64 of IPv6, which is what one customer gets. */
export function limitKey(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === '' ? 0 : tail.split(':').length);
  const whole = [...groups, ...Array<string>(missing).fill('0'), ...(tail ? tail.split(':') : [])];
  return `${whole.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
