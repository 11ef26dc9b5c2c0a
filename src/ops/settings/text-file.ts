// The text of the settings file, at the start and at each reload: the only place of the settings that touches the disk.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reasonOf } from '../../text/reason.js';

// Ten times what the longest lists can take; a larger file is not ours, and /dev/zero has no end.
const MAX_BYTES = 1024 * 1024;

/** `problem` completes "PATH: …". */
export type TextRead = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

export type ReadText = (path: string) => TextRead;

/** Reads a file, or a pipe to its end, which takes as long as the pipe is open. */
export const readText: ReadText = (path) => readOpened(path, constants.O_RDONLY, () => undefined);

/**
 * Reads the file of a daemon that goes on. A pipe is empty the second time, and an editor that fails leaves a file of no bytes: both
 * would set everything to its default, a closed registration to open too. So after the first time that is a problem, in words.
 */
export class RepeatedReading {
  /** What was read at the start. */
  #first: { readonly isFile: boolean; readonly isEmpty: boolean } | undefined;

  readonly read: ReadText = (path) => {
    const first = this.#first;
    return first === undefined ? this.#readFirst(path) : readAgain(path, first);
  };

  #readFirst(path: string): TextRead {
    let isFile = false;
    const read = readOpened(path, constants.O_RDONLY, (fd) => {
      isFile = fstatSync(fd).isFile();
    });
    this.#first = { isFile, isEmpty: !read.ok || isBlank(read.text) };
    return read;
  }
}

function readAgain(
  path: string,
  { isFile, isEmpty }: { readonly isFile: boolean; readonly isEmpty: boolean },
): TextRead {
  if (!isFile)
    return {
      ok: false,
      problem: "the settings came from a pipe or a device, which can't be read again: restart salond to change them",
    };
  // What has become a pipe meanwhile must not hold the daemon until somebody writes to it.
  const read = readOpened(path, constants.O_RDONLY | constants.O_NONBLOCK, (fd) => {
    if (!fstatSync(fd).isFile()) throw new Error('it is no plain file any more');
  });
  if (!read.ok || isEmpty || !isBlank(read.text)) return read;
  return { ok: false, problem: 'is empty, and had settings before: a restart would take the defaults' };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

function readOpened(path: string, flags: number, look: (fd: number) => void): TextRead {
  try {
    const file = openSync(path, flags);
    try {
      look(file);
      const bytes = readUpTo(file, MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) return { ok: false, problem: `cannot be read: larger than ${MAX_BYTES} bytes` };
      return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${reasonOf(error)}` };
  }
}

// In pieces: a pipe (`--config <(…)`) gives what it has and knows no size.
function readUpTo(file: number, limit: number): Uint8Array {
  const bytes = new Uint8Array(limit);
  let length = 0;
  let read: number;
  do {
    read = readSync(file, bytes, length, limit - length, null);
    length += read;
  } while (read > 0 && length < limit);
  return bytes.subarray(0, length);
}
