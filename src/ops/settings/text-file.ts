// Reads the text of the settings file, at the start and at each reload. No other file of this folder touches the disk.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { reasonOf } from '../../text/reason.js';

/**
 * The longest settings file, ten times the size of the longest lists. A limit is needed because /dev/zero has no end.
 */
const maxBytes = 1024 * 1024;

/** The text of a file, or why there is none: `problem` completes "PATH: …". */
export type TextRead = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** Reads a file. Never throws. */
export type ReadText = (path: string) => TextRead;

/** Reads a file, or a pipe to its end. Blocks while the pipe is open. */
export const readText: ReadText = (path) => readOpened(path, constants.O_RDONLY, () => undefined);

/**
 * Reads the settings file of a daemon at its start and again at each reload. At a reload, a pipe and an empty file are
 * problems: a pipe is empty the second time, and an editor that fails leaves an empty file. Either would reset
 * everything to its default, and so open a closed registration.
 */
export class ReloadableFile {
  /** The result of the first read; undefined before it. */
  #first: { readonly isFile: boolean; readonly isEmpty: boolean } | undefined;

  /** Reads the file, the first time or again. */
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
  // If the file has become a pipe, the daemon must not wait for a writer.
  const read = readOpened(path, constants.O_RDONLY | constants.O_NONBLOCK, (fd) => {
    if (!fstatSync(fd).isFile()) throw new Error('it is no plain file any more');
  });
  if (!read.ok || isEmpty || !isBlank(read.text)) return read;
  return { ok: false, problem: 'is empty, and had settings before: a restart would take the defaults' };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}

/** Opens the file, calls `inspect`, which may throw, and reads to the end. */
function readOpened(path: string, flags: number, inspect: (fd: number) => void): TextRead {
  try {
    const fd = openSync(path, flags);
    try {
      inspect(fd);
      const bytes = readUpTo(fd, maxBytes + 1);
      if (bytes.length > maxBytes) return { ok: false, problem: `cannot be read: larger than ${maxBytes} bytes` };
      return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${reasonOf(error)}` };
  }
}

/** Reads in pieces, because a pipe (`--config <(…)`) has no size and returns only the bytes that it has. */
function readUpTo(fd: number, limit: number): Uint8Array {
  const bytes = new Uint8Array(limit);
  let length = 0;
  let read: number;
  do {
    read = readSync(fd, bytes, length, limit - length, null);
    length += read;
  } while (read > 0 && length < limit);
  return bytes.subarray(0, length);
}
