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

/** Gives the kernel twice the memory for connections until this process ends. Answers false where it may not. */
export function doubleKernelMemory(): boolean {
  const found = readFileSync(memoryFile, 'utf8').trim();
  const doubled = found
    .split(/\s+/)
    .map((pages) => 2 * Number(pages))
    .join(' ');
  try {
    writeFileSync(memoryFile, doubled);
  } catch {
    return false;
  }
  process.once('exit', () => writeFileSync(memoryFile, found));
  return true;
}

/** Sets the size of packets until this process ends. Answers false where it may not be set. */
export function narrowLoopback(): boolean {
  const found = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
  if (!setPacketBytes(packetBytes)) return false;
  // A run that was killed could not set it back.
  process.once('exit', () => setPacketBytes(found === packetBytes ? usualBytes : found));
  return true;
}
