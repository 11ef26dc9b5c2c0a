// Checks the log of a daemon that was killed before SQLite reads it. SQLite reads a log up to the first wrong frame and
// silently ignores the rest. That is right after a power loss, but not where a bit has flipped or the end is cut off.
// The index beside the log says how many frames the log had (SQLite's "WAL-mode file format", §1 and §2).
import { closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { uptime } from 'node:os';
import { DataError } from './data-error.js';
import { checkKind } from './kinds.js';

const format = 3_007_000;
/** The first bytes of a log whose checksums are of little-endian words. */
const magic = 0x377f0682;
const headerBytes = 32;
const frameHeaderBytes = 24;

type Sums = readonly [number, number];

/** Continues the checksum of a log's earlier parts with these words. */
function continued([first, second]: Sums, words: Uint32Array): Sums {
  let [a, b] = [first, second];
  for (let at = 0; at + 1 < words.length; at += 2) {
    a = (a + (words[at] ?? 0) + b) >>> 0;
    b = (b + (words[at + 1] ?? 0) + a) >>> 0;
  }
  return [a, b];
}

function words(bytes: Buffer, from: number, to: number): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes.subarray(from, to)).buffer);
}

interface Index {
  readonly frames: number;
  readonly pageSize: number;
  /** Tells this log from earlier logs in the same file. */
  readonly salt: string;
}

function beginningOf(path: string, length: number): Buffer {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
  } finally {
    closeSync(file);
  }
}

/** Reads the log's index. Undefined where the index can't be trusted. */
function readIndex(path: string): Index | undefined {
  checkKind(path);
  if (!existsSync(path)) return undefined;
  // The index is never synced: after a restart of the machine it may be older than the log.
  if (statSync(path).mtimeMs < Date.now() - uptime() * 1000) return undefined;
  const bytes = beginningOf(path, 96);
  // The header is there twice, so that a reader notices a write in progress.
  if (bytes.length < 96 || !bytes.subarray(0, 48).equals(bytes.subarray(48, 96)) || bytes.readUInt32LE(0) !== format)
    return undefined;
  const [first, second] = continued([0, 0], words(bytes, 0, 40));
  if (first !== bytes.readUInt32LE(40) || second !== bytes.readUInt32LE(44)) return undefined;
  const size = bytes.readUInt16LE(14);
  return { frames: bytes.readUInt32LE(16), pageSize: size === 1 ? 65_536 : size, salt: bytes.toString('hex', 32, 40) };
}

/**
 * Counts the frames, from the log's beginning, that are as they were written. Undefined where the index belongs to
 * another log.
 */
function countFrames(path: string, { frames, pageSize, salt }: Index): number | undefined {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(headerBytes);
    if (readSync(file, header, 0, headerBytes, 0) < headerBytes || header.readUInt32BE(0) !== magic) return 0;
    let sums = continued([0, 0], words(header, 0, 24));
    if (sums[0] !== header.readUInt32BE(24) || sums[1] !== header.readUInt32BE(28)) return 0;
    if (header.toString('hex', 16, 24) !== salt) return undefined;
    const frame = Buffer.alloc(frameHeaderBytes + pageSize);
    const inFrame = new Uint32Array(frame.buffer, frame.byteOffset, frame.length / 4);
    const [start, page] = [inFrame.subarray(0, 2), inFrame.subarray(frameHeaderBytes / 4)];
    for (let count = 0; count < frames; count += 1) {
      if (readSync(file, frame, 0, frame.length, headerBytes + count * frame.length) < frame.length) return count;
      sums = continued(continued(sums, start), page);
      if (
        sums[0] !== frame.readUInt32BE(16) ||
        sums[1] !== frame.readUInt32BE(20) ||
        frame.toString('hex', 8, 16) !== salt
      )
        return count;
    }
    return frames;
  } finally {
    closeSync(file);
  }
}

/** Throws DataError when the database's log lacks something that was committed. To be called before SQLite opens it. */
export function checkWal(path: string): void {
  const index = readIndex(`${path}-shm`);
  if (index === undefined || index.frames === 0) return;
  const wal = `${path}-wal`;
  checkKind(wal);
  const count = existsSync(wal) ? countFrames(wal, index) : 0;
  if (count === undefined || count >= index.frames) return;
  throw new DataError(
    `${wal} is damaged: of its ${index.frames} frames only the first ${count} are as they were written`,
  );
}
