// Commands that are more than a request and its reply: those that read and write files, and the one that draws.
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
import { checkBackup, restore } from '../store/sqlite/restore.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { watch } from './watch.js';
import { UsageError } from './words.js';

/** A file that can't be made, or is there already. */
export class FileError extends Error {}

/** The daemon said no. */
export class Refused extends Error {}

interface Local {
  /** As it is typed. */
  readonly form: string;
  readonly summary: string;
  run(args: string[], connect: () => Promise<ControlConnection>): Promise<object>;
}

/** Takes `--name VALUE`, or `--name` alone, out of the arguments. */
function option(args: string[], name: string, alone = false): string | undefined {
  const at = args.indexOf(`--${name}`);
  if (at === -1) return undefined;
  const [, value] = args.splice(at, alone ? 1 : 2);
  if (alone) return '';
  if (value === undefined) throw new UsageError(`--${name} needs a value`);
  return value;
}

function only(args: readonly string[], what: string): string {
  const [first, ...others] = args;
  if (first === undefined || others.length > 0) throw new UsageError(`it takes one ${what}`);
  return first;
}

/** Writes a new file through `write`: under another name until it is whole and on disk. */
async function newFile<Result>(path: string, write: (fd: number) => Promise<Result>): Promise<Result> {
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
  } finally {
    closeSync(fd);
    rmSync(partial, { force: true });
  }
}

/** The copy of all data that the daemon sends, seen to be what it sent. */
async function receiveBackup(connection: ControlConnection, path: string): Promise<number> {
  return newFile(path, async (fd) => {
    const sum = createHash('sha256');
    let bytes = 0;
    const { code, body }: ControlLine = await connection.ask({ command: 'back_up' }, (event) => {
      const piece = Buffer.from(String(event.body['data']), 'base64');
      sum.update(piece);
      bytes += piece.length;
      for (let at = 0; at < piece.length;) at += writeSync(fd, piece, at);
    });
    if (code !== 1) throw new Refused(String(body['error']));
    if (body['bytes'] !== bytes || body['sha256'] !== sum.digest('hex')) throw new DataError('what came is not what was sent');
    return bytes;
  });
}

/** Opened when the first is asked for: an interface that nobody reads from yet drops its lines. */
async function* linesOf(path: string): AsyncIterable<string> {
  yield* createInterface({ input: createReadStream(path), crlfDelay: Infinity });
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

const data = (args: string[]): string => option(args, 'data') ?? '/var/lib/salond';

export const local: Readonly<Record<string, Local>> = {
  backup: {
    form: 'backup FILE',
    summary: 'Write all data to a new file, checked, while the daemon goes on.',
    run: async (args, connect) => {
      const path = only(args, 'file');
      const bytes = await receiveBackup(await connect(), path);
      const [damage] = await checkBackup(path);
      if (damage !== undefined) throw new DataError(`${path} is damaged: ${damage}`);
      return { file: path, bytes };
    },
  },
  restore: {
    form: 'restore FILE [--data DIR] [--replace]',
    summary: 'Make a backup the data of a daemon that is stopped. With --replace, data that is there is moved aside.',
    run: async (args) => {
      const [folder, replace] = [data(args), option(args, 'replace', true) !== undefined];
      const aside = await restore(only(args, 'file'), folder, replace);
      handOver(folder);
      return { data: folder, ...(aside === undefined ? {} : { replaced: basename(aside) }) };
    },
  },
  export: {
    form: 'export FILE [--from BACKUP]',
    summary: 'Write everything as lines of JSON to a new file, from the running daemon or from a backup.',
    run: async (args, connect) => {
      const from = option(args, 'from');
      const path = only(args, 'file');
      const folder = from === undefined ? mkdtempSync(join(tmpdir(), 'salonctl-')) : undefined;
      try {
        const source = from ?? join(folder ?? '', 'backup.db');
        if (from === undefined) await receiveBackup(await connect(), source);
        const lines = await newFile(path, async (fd) => {
          let count = 0;
          for await (const line of exported(source)) {
            writeSync(fd, line);
            count += 1;
          }
          return count;
        });
        return { file: path, lines };
      } finally {
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      }
    },
  },
  import: {
    form: 'import FILE [--data DIR]',
    summary: 'Make an export the data of a new daemon, in a folder that has none.',
    run: async (args) => {
      const folder = data(args);
      const path = only(args, 'file');
      if (!existsSync(path)) throw new DataError(`${path} is not there`);
      const messages = await imported(linesOf(path), folder);
      handOver(folder);
      return { data: folder, messages };
    },
  },
  stats: {
    form: 'stats --watch',
    summary: 'Draw how the daemon is, every second, until it is interrupted.',
    run: async (args, connect) => {
      if (option(args, 'watch', true) === undefined || args.length > 0) throw new UsageError('stats takes --watch');
      return watch(await connect(), process.stdout);
    },
  },
};
