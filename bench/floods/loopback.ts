// Lets the loopback interface carry packets as a network does. With its own packets of 64 KiB the kernel gives each
// connection megabytes of buffers, at both ends. Those of thousands of attackers, who have machines of their own, would
// then take what the kernel has for all connections (`tcp_mem`), and it would slow down those of honest users.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Bytes of a packet on an Ethernet. */
export const packetBytes = 1500;

/** Bytes of a packet on Linux' loopback interface, unless somebody has set another size. */
const usualBytes = 65_536;

function setPacketBytes(bytes: number): boolean {
  return spawnSync('ip', ['link', 'set', 'lo', 'mtu', String(bytes)]).status === 0;
}

/** Sets the size of packets until this process ends. Answers false where it may not be set. */
export function narrowLoopback(): boolean {
  const found = Number(readFileSync('/sys/class/net/lo/mtu', 'utf8'));
  if (!setPacketBytes(packetBytes)) return false;
  // A run that was killed could not set it back.
  process.once('exit', () => setPacketBytes(found === packetBytes ? usualBytes : found));
  return true;
}
