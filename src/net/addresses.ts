// What the network says of where a connection comes from.
import { isIPv6, type Socket } from 'node:net';
import { inNetworks, networkName } from '../ip/networks.js';

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

export const isLoopback = inNetworks([
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
]);

/** Whose limits an address counts against: its own, or its /64 of IPv6, which is what one customer gets. */
export function limitKey(address: string): string {
  return isIPv6(address) ? networkName({ address, prefix: 64, family: 'ipv6' }) : address;
}
