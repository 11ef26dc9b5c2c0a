// `export --follow`: writes the daemon's feed to standard output, or at the end of a file, which it can continue after
// any end of either process. Each line has the position after which to read on.
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { BadData, Refused } from './errors.js';
import type { ControlConnection } from './control-connection.js';
import { writeAll, writeError, type Target } from './new-file.js';

/** Bytes at the end of a file in which its last whole line is looked for. No line is longer. */
const tailBytes = 256 * 1024;

const lineFeed = 10;

/** How each line begins. */
const lineBegins = '{"in":"';

/**
 * Writes the feed until the daemon or the reader of standard output is gone. Rejects with Unreachable, Refused,
 * FileError or BadData.
 * @param target a file, which is made where it is not there, or a descriptor
 * @param after a position; undefined for that of the file's last whole line, or the beginning
 */
export async function follow(
  target: Target,
  after: string | undefined,
  connect: () => Promise<ControlConnection>,
): Promise<never> {
  if (typeof target === 'number') return receive(target, after, await connect());
  const file = opened(target);
  try {
    const position = cutToLine(file, target);
    return await receive(file, after ?? position, await connect(), () => fsyncSync(file));
  } catch (error) {
    throw writeError(target, error);
  } finally {
    closeSync(file);
  }
}

async function receive(
  file: number,
  after: string | undefined,
  connection: ControlConnection,
  written: () => void = () => undefined,
): Promise<never> {
  const { body } = await connection.ask({ command: 'follow', after }, async (event) => {
    const piece = Buffer.from(String(event.body['data']), 'base64');
    if (piece.length === 0) return;
    await writeAll(file, piece);
    written();
  });
  throw new Refused(`export --follow: ${String(body['error'])}`);
}

function opened(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600);
  } catch (error) {
    throw writeError(path, error);
  }
}

/**
 * Removes a line that was not written to its end. Answers the position of the last whole line, if there is one. Throws
 * BadData, and changes nothing, where the file's end was not written by `export --follow`.
 */
function cutToLine(file: number, path: string): string | undefined {
  const { size } = fstatSync(file);
  if (size === 0) return undefined;
  const begin = Math.max(0, size - tailBytes);
  const tail = Buffer.alloc(size - begin);
  readSync(file, tail, 0, tail.length, begin);
  const end = tail.lastIndexOf(lineFeed) + 1;
  const isFirst = end === 0 && begin === 0;
  const last = end < 2 ? '' : tail.toString('utf8', tail.lastIndexOf(lineFeed, end - 2) + 1, end);
  const position = positionIn(last);
  const unfinished = tail.toString('latin1', end, end + lineBegins.length);
  if ((position === undefined && !isFirst) || !lineBegins.startsWith(unfinished))
    throw new BadData(`${path} does not end in a line of export --follow`);
  ftruncateSync(file, begin + end);
  return position;
}

function positionIn(line: string): string | undefined {
  try {
    const { position } = JSON.parse(line) as { readonly position?: unknown };
    return typeof position === 'string' ? position : undefined;
  } catch {
    return undefined;
  }
}
