// Tells where a connection comes from: its remote address, whether that is this machine, and which limits it counts
// against.
import { isIPv6, type Socket } from 'node:net';
import { inNetworks, networkName } from '../ip/networks.js';

/** Writes an IPv4 address that came over an IPv6 socket (`::ffff:192.0.2.7`) as IPv4. */
function withoutMapping(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The address of the connection's other end; `unknown` once the connection is closed. */
export function remoteAddress(socket: Socket): string {
  return withoutMapping(socket.remoteAddress ?? 'unknown');
}

/** Whether both ends are on this machine: by loopback, or by one of its own addresses. */
export function isLocal(socket: Socket): boolean {
  const address = remoteAddress(socket);
  return isLoopback(address) || address === withoutMapping(socket.localAddress ?? '');
}

/** Whether an address is in 127.0.0.0/8 or is `::1`. */
export const isLoopback = inNetworks([
  { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
  { address: '::1', prefix: 128, family: 'ipv6' },
]);

/** What `socketAddress` begins with. No IP address does, and no name of a user. */
const socketPrefix = 'unix:';

/**
 * What stands for the address of all clients of a Unix socket, which have none. It is in no network, so no ban of an
 * address meets it, and all limits per address count it as one address.
 * @param name the path of the socket, or another name where the path is not known
 */
export function socketAddress(name: string): string {
  return `${socketPrefix}${name}`;
}

/** Whether an address stands for the clients of a Unix socket. */
export function isSocketAddress(address: string): boolean {
  return address.startsWith(socketPrefix);
}

/**
 * The key under which limits per address count: an IPv4 address itself, or the /64 of an IPv6 address, because one
 * customer usually gets a /64. All clients of a Unix socket have one key.
 */
export function limitKey(address: string): string {
  return isIPv6(address) ? networkName({ address, prefix: 64, family: 'ipv6' }) : address;
}
