// Reads the kernel's queues of a connection: bytes that were written and that the other end has not taken, often
// megabytes. Node.js does not show them. Linux does, in /proc/net/tcp. That file has 150 bytes for each socket of the
// machine, so it is read without blocking, in pieces, and once for all requested sockets.
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { groupsOf } from '../ip/networks.js';
import { isLocal } from './addresses.js';

/** The kernel's queues of one connection. */
export interface KernelQueue {
  /** Bytes that the other end's kernel has not acknowledged. A FIN counts as one. */
  sent: number;
  /** Bytes that the other end's program has not read. Known only if that program runs on this machine. */
  unread: number | undefined;
}

/** Under `self`, where it exists even for a service that sees only processes in /proc (`ProcSubset=pid`). */
const folder = '/proc/self/net';

const pieceBytes = 65_536;

/** How many sockets are asked for their addresses in a turn of the event loop: that takes 40 µs each. */
const socketsAtOnce = 50;

const isLittleEndian = endianness() === 'LE';

/**
 * What to do with a line of the file: the key is the line's pair of endpoints, the function takes the line's queues.
 */
type LineHandlers = Map<string, (sent: number, unread: number) => void>;

/**
 * Reads the kernel's queues of each socket. A socket is missing from the result if it is a Unix socket, if it belongs
 * to another network namespace, or if the system has no /proc/net/tcp. Never rejects.
 */
export function readKernelQueues(sockets: Iterable<Socket>): Promise<ReadonlyMap<Socket, KernelQueue>> {
  // One after the other: each holds a thread of the pool.
  const read = lastRead.then(() => readQueues(sockets));
  lastRead = read;
  return read;
}

/** The read that was asked for last. */
let lastRead: Promise<unknown> = Promise.resolve();

async function readQueues(sockets: Iterable<Socket>): Promise<ReadonlyMap<Socket, KernelQueue>> {
  const found = new Map<Socket, KernelQueue>();
  const handlers: LineHandlers = new Map();
  let left = socketsAtOnce;
  for (const socket of sockets) {
    if (left === 0) {
      await turn();
      left = socketsAtOnce;
    }
    left -= 1;
    addHandlers(socket, found, handlers);
  }
  // A key holds two addresses, of 8 digits each for IPv4 and of 32 for IPv6, so its length tells the file.
  const widths = new Set(Array.from(handlers.keys(), ({ length }) => length));
  for (const width of widths) {
    await readLines(`${folder}/${width > 32 ? 'tcp6' : 'tcp'}`, (line) => {
      const start = line.indexOf(': ') + 2;
      const handle = handlers.get(line.slice(start, start + width));
      // `KEY ST TTTTTTTT:RRRRRRRR`: the state, the queue to send, the queue to read.
      const queues = start + width + 4;
      handle?.(
        Number.parseInt(line.slice(queues, queues + 8), 16),
        Number.parseInt(line.slice(queues + 9, queues + 17), 16),
      );
    });
  }
  for (const [socket, { sent }] of found) if (sent === notFound) found.delete(socket);
  return found;
}

/** The value of `sent` until the socket's line is found. */
const notFound = -1;

/**
 * Adds an empty queue for the socket to `found`, and handlers that fill it. The socket's own line, "here there", has
 * the bytes that were sent. If the other end is on this machine, its line, "there here", has the bytes that it has not
 * read.
 */
function addHandlers(socket: Socket, found: Map<Socket, KernelQueue>, handlers: LineHandlers): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined)
    return;
  const queue: KernelQueue = { sent: notFound, unread: undefined };
  found.set(socket, queue);
  const [here, there] = [endpoint(localAddress, localPort), endpoint(remoteAddress, remotePort)];
  handlers.set(`${here} ${there}`, (sent) => {
    queue.sent = sent;
  });
  if (!isLocal(socket)) return;
  const setUnread = (_: number, unread: number): void => {
    queue.unread = unread;
  };
  handlers.set(`${there} ${here}`, setUnread);
  // A mapped address means that the client's own socket is an IPv4 one. Its line is in the file for IPv4.
  if (/^::ffff:\d/i.test(remoteAddress)) handlers.set(`${ipv4Part(there)} ${ipv4Part(here)}`, setUnread);
}

/** An address and port as the kernel writes them: the address as 32-bit words, each in the machine's byte order. */
function endpoint(address: string, port: number): string {
  const [plain = ''] = address.split('%');
  const bytes = plain.includes(':')
    ? groupsOf(plain).flatMap((group) => [group >> 8, group & 255])
    : plain.split('.').map(Number);
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const words = [];
  for (let at = 0; at < digits.length; at += 4) {
    const word = digits.slice(at, at + 4);
    words.push(...(isLittleEndian ? word.reverse() : word));
  }
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** The IPv4 endpoint of a mapped IPv6 endpoint, whose first 24 digits are the mapping's prefix. */
function ipv4Part(mapped: string): string {
  return mapped.slice(24);
}

/** Calls `onLine` for each line of the file, or for none if the file can't be read. */
async function readLines(path: string, onLine: (line: string) => void): Promise<void> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return;
  try {
    const bytes = Buffer.allocUnsafe(pieceBytes);
    let rest = '';
    for (;;) {
      const { bytesRead } = await file.read(bytes, 0, bytes.length);
      if (bytesRead === 0) return;
      const lines = (rest + bytes.toString('latin1', 0, bytesRead)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  } catch {
    // A read that fails half-way leaves sockets out, as a missing file does.
  } finally {
    await file.close();
  }
}
