// Commands that read and write files: backups, exports, and the data of daemons that are stopped. Loaded only for them, since it
// brings the database with it.
import { createHash } from 'node:crypto';
import {
  chownSync, closeSync, createReadStream, existsSync, fsyncSync, lstatSync, mkdtempSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { exported } from '../store/sqlite/export.js';
import { DataError, sync } from '../store/sqlite/folder.js';
import { imported } from '../store/sqlite/import.js';
import { checkBackup, restore as restoreTo } from '../store/sqlite/restore.js';
import { StoreFailure } from '../store/store.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { BadData, FileError, Refused } from './errors.js';

/** Where something is written to or read from: a path, or an open descriptor, of standard output say. */
export type Target = string | number;

/** Writes all of it, to a pipe that takes no more at once too. */
function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

/** Writes a new file through `write`: under another name until it is whole and on disk. A descriptor is written as it is. */
async function newFile<Result>(path: Target, write: (fd: number) => Promise<Result>): Promise<Result> {
  if (typeof path === 'number') return write(path);
  const partial = `${path}.partial`;
  if (existsSync(path)) throw new FileError(`${path} is there already`);
  let fd: number;
  try {
    // What an interrupted one left.
    rmSync(partial, { force: true });
    fd = openSync(partial, 'wx', 0o600);
  } catch (error) {
    throw new FileError(`${partial} can't be made: ${(error as Error).message}`);
  }
  try {
    const result = await write(fd);
    fsyncSync(fd);
    renameSync(partial, path);
    sync(dirname(resolve(path)));
    return result;
  } catch (error) {
    // No room, say.
    if (error instanceof Error && 'syscall' in error) throw new FileError(`${path} can't be written: ${error.message}`);
    throw error;
  } finally {
    closeSync(fd);
    rmSync(partial, { force: true });
  }
}

/** The copy of all data that the daemon sends, seen to be what it sent. */
async function receiveBackup(connection: ControlConnection, path: Target): Promise<number> {
  return newFile(path, async (fd) => {
    const sum = createHash('sha256');
    let bytes = 0;
    const { code, body }: ControlLine = await connection.ask({ command: 'back_up' }, (event) => {
      const piece = Buffer.from(String(event.body['data']), 'base64');
      sum.update(piece);
      bytes += piece.length;
      writeAll(fd, piece);
    });
    if (code !== 1) throw new Refused(String(body['error']));
    if (body['bytes'] !== bytes || body['sha256'] !== sum.digest('hex')) throw new DataError('what came is not what was sent');
    return bytes;
  });
}

/** Opened when the first is asked for: an interface that nobody reads from yet drops its lines. */
async function* linesOf(from: Target): AsyncIterable<string> {
  const input = typeof from === 'number' ? createReadStream('', { fd: from, autoClose: false }) : createReadStream(from);
  yield* createInterface({ input, crlfDelay: Infinity });
}

/** What root makes belongs to whom the folder belongs to: the daemon has to open it. */
function handOver(folder: string): void {
  const { uid, gid } = statSync(folder);
  if (process.getuid?.() !== 0 || uid === 0) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (lstatSync(path).isFile()) chownSync(path, uid, gid);
  }
}

/** What the store finds wrong is for the operator to know. Rejects with BadData then. */
async function aboutData<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DataError || error instanceof StoreFailure ? new BadData(error.message) : error;
  }
}

export function backUp(path: Target, connection: ControlConnection): Promise<object> {
  return aboutData(async () => {
    const bytes = await receiveBackup(connection, path);
    // What went to a descriptor can't be read again: it is what the daemon sent.
    if (typeof path === 'number') return { bytes };
    const [damage] = await checkBackup(path);
    if (damage !== undefined) throw new DataError(`${path} is damaged: ${damage}`);
    return { file: path, bytes };
  });
}

export function restore(path: string, data: string, replace: boolean): Promise<object> {
  return aboutData(async () => {
    const aside = await restoreTo(path, data, replace);
    handOver(data);
    return { data, ...(aside === undefined ? {} : { replaced: basename(aside) }) };
  });
}

/** @param from a backup; undefined for the daemon that `connect` reaches */
export function exportAll(path: Target, from: string | undefined, connect: () => Promise<ControlConnection>): Promise<object> {
  return aboutData(() => newFile(path, async (fd) => {
    // Beside the export, where there has to be room anyway.
    const folder = from === undefined ? mkdtempSync(typeof path === 'number' ? join(tmpdir(), 'salonctl-') : `${path}.`) : undefined;
    try {
      const source = from ?? join(folder ?? '', 'backup.db');
      if (from === undefined) await receiveBackup(await connect(), source);
      let lines = 0;
      for await (const line of exported(source)) {
        writeAll(fd, Buffer.from(line));
        lines += 1;
      }
      return typeof path === 'number' ? { lines } : { file: path, lines };
    } finally {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    }
  }));
}

export function importAll(path: Target, data: string): Promise<object> {
  return aboutData(async () => {
    if (typeof path === 'string' && !existsSync(path)) throw new DataError(`${path} is not there`);
    const messages = await imported(linesOf(path), data);
    handOver(data);
    return { data, messages };
  });
}
