// Lets the kernel treat the connections of this machine as those of a network. The loopback interface carries packets
// of 1,500 bytes: with its own of 64 KiB the kernel gives each connection megabytes of buffers. And the kernel has
// twice the memory for connections (`tcp_mem`): it keeps both ends of each, and clients have machines of their own.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

/** Bytes of a packet on an Ethernet. */
export const packetBytes = 1500;

/** Bytes of a packet on Linux' loopback interface, unless somebody has set another size. */
const usualBytes = 65_536;

function setPacketBytes(bytes: number): boolean {
  return spawnSync('ip', ['link', 'set', 'lo', 'mtu', String(bytes)]).status === 0;
}

const memoryFile = '/proc/sys/net/ipv4/tcp_mem';

/** Sets the memory for connections, in pages. Answers false where that is not allowed. */
function setMemory(pages: readonly number[]): boolean {
  try {
    writeFileSync(memoryFile, pages.join(' '));
    return true;
  } catch {
    return false;
  }
}

/** What could be set. */
export interface NetworkLikeness {
  /** The size of packets. */
  readonly isNarrow: boolean;
  /** The memory for connections. */
  readonly isDoubled: boolean;
}

/** Sets both until this process ends, and tells what could be set. */
export function imitateNetwork(): NetworkLikeness {
  const bytes = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
  const found = readFileSync(memoryFile, 'utf8').trim().split(/\s+/).map(Number);
  // A run that was killed could set nothing back. The memory that it had doubled stays as it is until the next boot.
  const wasKilled = bytes === packetBytes;
  const isNarrow = setPacketBytes(packetBytes);
  const isDoubled = setMemory(wasKilled ? found : found.map((pages) => 2 * pages));
  process.once('exit', () => {
    if (isNarrow) setPacketBytes(wasKilled ? usualBytes : bytes);
    if (isDoubled) setMemory(found);
  });
  return { isNarrow, isDoubled };
}
