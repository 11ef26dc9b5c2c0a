// Finds the path of a Unix socket that another process opened. Node.js does not know it; Linux tells it in
// /proc/net/unix.
import { readFileSync, readlinkSync } from 'node:fs';

/**
 * The path of the listening Unix socket with that descriptor. Undefined if it has none, if it belongs to another
 * network namespace, or if the system has no /proc.
 */
export function inheritedPath(fd: number): string | undefined {
  try {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`)) ?? [];
    if (inode === undefined) return undefined;
    // Under `self`, where it exists even for a service that sees only processes in /proc (`ProcSubset=pid`). A line is
    // `Num RefCount Protocol Flags Type St Inode Path`.
    const line = new RegExp(`^\\w+: (?:\\w+ ){5} *${inode} (/.*)$`, 'm');
    return line.exec(readFileSync('/proc/self/net/unix', 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}
