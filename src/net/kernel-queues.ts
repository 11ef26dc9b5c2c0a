// What the kernel still holds of connections: bytes that were written, and that the other end has not taken. Node.js does not
// tell, and hides megabytes of them; Linux shows them in /proc/net/tcp. That file is long where connections are many (150
// bytes for each socket of the machine), so one reading answers for all who are asked for, and nothing waits for it.
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { endianness } from 'node:os';
import { groupsOf } from '../ip/networks.js';
import { isLocal } from './addresses.js';

export interface KernelQueue {
  /** Bytes, and the FIN as one, that the other end's system has not acknowledged. */
  sent: number;
  /** Bytes that the other end's program has not read; known where it is on this machine. */
  unread: number | undefined;
}

/** Under `self`: it is there even where a service sees nothing of /proc but processes (`ProcSubset=pid`). */
const folder = '/proc/self/net';

const pieceBytes = 65_536;

const littleEndian = endianness() === 'LE';

/**
 * What the kernel holds of each of the sockets. None is there for a Unix socket, for one of another network namespace, and
 * on a system without /proc/net/tcp.
 */
export async function readKernelQueues(sockets: Iterable<Socket>): Promise<ReadonlyMap<Socket, KernelQueue>> {
  const found = new Map<Socket, KernelQueue>();
  const wanted = new Map<string, (sent: number, unread: number) => void>();
  for (const socket of sockets) want(socket, found, wanted);
  // A key is as long as two addresses are: 8 digits for each of IPv4, 32 of IPv6.
  const widths = new Set(Array.from(wanted.keys(), ({ length }) => length));
  for (const width of widths) {
    await scan(`${folder}/${width > 32 ? 'tcp6' : 'tcp'}`, (line) => {
      const begin = line.indexOf(': ') + 2;
      const take = wanted.get(line.slice(begin, begin + width));
      // `KEY ST TTTTTTTT:RRRRRRRR`: the state, what is to be sent, what is to be read.
      const queues = begin + width + 4;
      take?.(Number.parseInt(line.slice(queues, queues + 8), 16), Number.parseInt(line.slice(queues + 9, queues + 17), 16));
    });
  }
  for (const [socket, { sent }] of found) if (sent < 0) found.delete(socket);
  return found;
}

type Wanted = Map<string, (sent: number, unread: number) => void>;

function want(socket: Socket, found: Map<Socket, KernelQueue>, wanted: Wanted): void {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || localPort === undefined || remoteAddress === undefined || remotePort === undefined) return;
  const queue: KernelQueue = { sent: -1, unread: undefined };
  found.set(socket, queue);
  const [here, there] = [endpoint(localAddress, localPort), endpoint(remoteAddress, remotePort)];
  wanted.set(`${here} ${there}`, (sent) => { queue.sent = sent; });
  if (!isLocal(socket)) return;
  const onUnread = (_: number, unread: number): void => { queue.unread = unread; };
  wanted.set(`${there} ${here}`, onUnread);
  // By IPv4 to a socket that takes both: the other end's own socket is of IPv4 alone.
  if (/^::ffff:\d/i.test(remoteAddress)) wanted.set(`${ipv4Part(there)} ${ipv4Part(here)}`, onUnread);
}

/** An address and its port as the kernel writes them: the address in words of 32 bits, each as the machine keeps numbers. */
function endpoint(address: string, port: number): string {
  const [plain = ''] = address.split('%');
  const bytes = plain.includes(':') ? groupsOf(plain).flatMap((group) => [group >> 8, group & 255]) : plain.split('.').map(Number);
  const digits = bytes.map((byte) => byte.toString(16).padStart(2, '0'));
  const words = [];
  for (let at = 0; at < digits.length; at += 4) {
    const word = digits.slice(at, at + 4);
    words.push(...littleEndian ? word.reverse() : word);
  }
  return `${words.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

function ipv4Part(mapped: string): string {
  return mapped.slice(24);
}

/** Hands on each line of the file; none where it can't be read. */
async function scan(path: string, onLine: (line: string) => void): Promise<void> {
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
    // What was read so far is as good as without.
  } finally {
    await file.close();
  }
}
