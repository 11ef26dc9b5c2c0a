// Parses the header in which a proxy names the client of a connection: the PROXY protocol, versions 1 and 2 (HAProxy's
// proxy-protocol.txt). Pure: the caller hands in all bytes that have come so far.
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** A parsed PROXY header. */
export interface ProxyHeader {
  /** Bytes of the header; what comes after is the client's. */
  readonly length: number;
  /** The client's IP address; undefined where the proxy speaks for itself (a health check), or does not know it. */
  readonly address: string | undefined;
  /** The client speaks TLS with the proxy (version 2 with `send-proxy-v2-ssl`). */
  readonly encrypted: boolean;
}

/** The longest header of version 1, its CR LF included. */
const maxTextBytes = 107;
/** The longest header of version 2 that is accepted. The specification sets no limit for its extensions. */
const maxBinaryBytes = 4096;

const textBegins = Buffer.from('PROXY ');
const textLine = /^PROXY (TCP4|TCP6) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) (0|[1-9]\d{0,4}) (0|[1-9]\d{0,4})$/;
const binaryBegins = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const binaryHeadBytes = 16;

// The numbers of version 2: the version, commands, families with their transport, the TLS extension and its flag.
const version2 = 2;
const local = 0;
const proxied = 1;
const tcp4 = 0x11;
const tcp6 = 0x21;
const tlsExtension = 0x20;
const tlsToClient = 1;

/**
 * Parses the header that `bytes` begin with. `incomplete` where more bytes have to come, `invalid` where it is no
 * header.
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  if (begins(bytes, textBegins)) return bytes.length < textBegins.length ? 'incomplete' : parseText(bytes);
  if (begins(bytes, binaryBegins)) return bytes.length < binaryHeadBytes ? 'incomplete' : parseBinary(bytes);
  return 'invalid';
}

/** Whether `bytes` begin with `head`, as far as they go. */
function begins(bytes: Buffer, head: Buffer): boolean {
  const length = Math.min(bytes.length, head.length);
  return bytes.subarray(0, length).equals(head.subarray(0, length));
}

function parseText(bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  const end = bytes.subarray(0, maxTextBytes).indexOf('\r\n');
  if (end === -1) return bytes.length < maxTextBytes ? 'incomplete' : 'invalid';
  const line = bytes.toString('latin1', 0, end);
  const length = end + 2;
  // The specification says to ignore what follows UNKNOWN.
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return { length, address: undefined, encrypted: false };
  const [, family, source = '', destination = '', ...ports] = textLine.exec(line) ?? [];
  const isAddress = family === 'TCP4' ? isIPv4 : isIPv6;
  if (!isAddress(source) || !isAddress(destination) || ports.some((port) => Number(port) > 65_535)) return 'invalid';
  return { length, address: canonical(source), encrypted: false };
}

function parseBinary(bytes: Buffer): ProxyHeader | 'incomplete' | 'invalid' {
  const [versionAndCommand = 0, family] = bytes.subarray(12);
  const command = versionAndCommand & 15;
  const length = binaryHeadBytes + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== version2 || length > maxBinaryBytes) return 'invalid';
  if (command !== local && command !== proxied) return 'invalid';
  if (bytes.length < length) return 'incomplete';
  const body = bytes.subarray(binaryHeadBytes, length);
  const addressBytes = family === tcp4 ? 4 : 16;
  // The proxy speaks for itself, or the family is not TCP over IP: then the header names no client.
  if (command === local || (family !== tcp4 && family !== tcp6)) {
    return { length, address: undefined, encrypted: false };
  }
  // Source, destination, and their ports.
  const extensions = 2 * addressBytes + 4;
  if (body.length < extensions) return 'invalid';
  const encrypted = speaksTls(body.subarray(extensions));
  if (encrypted === undefined) return 'invalid';
  return { length, address: addressOf(body.subarray(0, addressBytes)), encrypted };
}

function addressOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  return canonical(Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(2 * group).toString(16)).join(':'));
}

/** Writes an address as the system does, so that it looks the same from every source. */
function canonical(address: string): string {
  if (isIPv4(address)) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
}

/** Whether the extensions say that the client speaks TLS; undefined where one of them is cut short. */
function speaksTls(extensions: Buffer): boolean | undefined {
  let encrypted = false;
  for (let at = 0; at < extensions.length; ) {
    if (at + 3 > extensions.length) return undefined;
    const length = extensions.readUInt16BE(at + 1);
    const value = extensions.subarray(at + 3, at + 3 + length);
    if (value.length < length) return undefined;
    if (extensions[at] === tlsExtension) encrypted = ((value[0] ?? 0) & tlsToClient) !== 0;
    at += 3 + length;
  }
  return encrypted;
}
