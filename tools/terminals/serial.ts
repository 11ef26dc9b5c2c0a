// A serial line between two pseudo-terminals: so many bits a second, and noise. socat makes the terminals.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

type Port = ChildProcessByStdio<Writable, Readable, null>;

/** Milliseconds between two pieces that the line carries. */
const step = 20;

/** What a serial line is like. */
export interface LineOptions {
  /** Bits a second; a byte is ten of them. */
  readonly baud: number;
  /** The part of all bytes that arrive as others. */
  readonly noise: number;
}

/** A serial line. Both its ends are devices. */
export class SerialLine {
  readonly #ports: readonly Port[];
  readonly ends: readonly [string, string];
  /** How many bytes were changed. */
  changed = 0;

  private constructor(ports: readonly [Port, Port], ends: readonly [string, string], { baud, noise }: LineOptions) {
    this.#ports = ports;
    this.ends = ends;
    const bytes = Math.max(1, Math.round((baud / 10) * (step / 1000)));
    const [one, other] = ports;
    void this.#carry(one, other, bytes, noise, randomFrom(1));
    void this.#carry(other, one, bytes, noise, randomFrom(2));
  }

  /** Makes the devices ttyA and ttyB in a folder. */
  static async open(folder: string, options: LineOptions): Promise<SerialLine> {
    const ends = [join(folder, 'ttyA'), join(folder, 'ttyB')] as const;
    const open = (end: string): Port =>
      spawn('socat', ['-', `PTY,link=${end},raw,echo=0`], { stdio: ['pipe', 'pipe', 'inherit'] });
    const ports = [open(ends[0]), open(ends[1])] as const;
    while (!ends.every((end) => existsSync(end))) await sleep(20);
    return new SerialLine(ports, ends, options);
  }

  async #carry(from: Port, to: Port, most: number, noise: number, random: () => number): Promise<void> {
    let waiting = Buffer.alloc(0);
    from.stdout.on('data', (bytes: Buffer) => {
      waiting = Buffer.concat([waiting, bytes]);
    });
    while (from.exitCode === null && from.signalCode === null) {
      const piece = Buffer.from(waiting.subarray(0, most));
      waiting = waiting.subarray(piece.length);
      for (let at = 0; at < piece.length; at += 1) {
        if (random() >= noise) continue;
        piece[at] = (piece[at] ?? 0) ^ (1 << Math.floor(random() * 8));
        this.changed += 1;
      }
      if (piece.length > 0) to.stdin.write(piece);
      await sleep(step);
    }
  }

  /** Removes the devices. */
  close(): void {
    for (const port of this.#ports) port.kill('SIGTERM');
  }
}

/** Numbers from 0 to 1 that are the same each time (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
