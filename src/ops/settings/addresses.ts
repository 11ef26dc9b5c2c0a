// The kinds of entries in lists: addresses to listen on ("HOST:PORT"), networks, and paths. Addresses are parsed here,
// into the form that node:net takes, and nowhere else.

import { isIPv4, isIPv6 } from 'node:net';
import { normalize } from 'node:path';
import { parseNetwork, type Network } from '../../ip/networks.js';
import type { EntryKind } from './kinds.js';

/** An address to listen on. `host` is an IP address without brackets, or a host name; port 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A Unix socket, by its absolute path. */
export interface SocketPath {
  readonly path: string;
}

/** An address to listen on: HOST:PORT, with brackets around an IPv6 address. */
export const listenAddress: EntryKind<ListenAddress> = {
  plural: 'addresses HOST:PORT like "127.0.0.1:7256", "[::1]:7256" or "0.0.0.0:7256"',
  read(text) {
    const parts = /^(?:\[([^[\]]+)\]|([^[\]:]+)):(\d{1,5})$/.exec(text);
    const port = Number(parts?.[3]);
    if (parts === null || port > 65535) return undefined;
    const [, bracketed, plain] = parts;
    if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
    return plain !== undefined && (isIPv4(plain) || isHostName(plain)) ? { host: plain, port } : undefined;
  },
};

/** An address to listen on, or a Unix socket. */
export const listenPlace: EntryKind<ListenAddress | SocketPath> = {
  plural: `${listenAddress.plural}, or absolute paths of Unix sockets like "/run/salond/chat.sock"`,
  read: (text) => socketPath(text) ?? listenAddress.read(text),
};

/** An IP address, or a network in CIDR notation. */
export const network: EntryKind<Network> = {
  plural: 'IP addresses or networks like "192.0.2.7", "10.0.0.0/8" or "2001:db8::/32"',
  read: parseNetwork,
};

/** An IP address, a network in CIDR notation, or a Unix socket, which stands for all its clients. */
export const origin: EntryKind<Network | SocketPath> = {
  plural: `${network.plural}, or Unix sockets of listen like "/run/salond/chat.sock"`,
  read: (text) => socketPath(text) ?? network.read(text),
};

/** Parses an absolute path. How long it is, is checked later, so that an error can say what is wrong with it. */
function socketPath(text: string): SocketPath | undefined {
  const isPath = text.startsWith('/') && !text.endsWith('/') && text.length <= 4096 && !/\p{Cc}/u.test(text);
  return isPath ? { path: normalize(text) } : undefined;
}

/**
 * Whether the name consists of letters, digits, hyphens and underscores between dots. A name whose last part has digits
 * only is refused, because it is a mistyped IPv4 address.
 */
function isHostName(name: string): boolean {
  return (
    name.length <= 253 &&
    name.split('.').every((label) => /^(?!-)[\w-]{1,63}(?<!-)$/.test(label)) &&
    !/(?:^|\.)\d+$/.test(name)
  );
}

/** The path of a file. */
export const filePath: EntryKind<string> = {
  plural: 'paths of files',
  read: (text) => (text.length > 0 && text.length <= 4096 && !/\p{Cc}/u.test(text) ? text : undefined),
};
