// What is written to standard output and standard error.
import { printable } from '../ops/printable.js';
import { FileError } from './errors.js';

/** JSON on one line, on which no terminal acts. */
export function jsonLine(value: unknown): string {
  return printable(JSON.stringify(value));
}

/** The width of the terminal that a stream is; undefined where it is none, or does not know its width. */
export function columnsOf({ isTTY, columns = 0 }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number | undefined {
  return isTTY && columns > 0 ? columns : undefined;
}

export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** Why the system refused, without the names of its own: `no space left on device`. */
export function systemReason({ message }: Error): string {
  return message.replace(/^[A-Z0-9]+: ([^,]+), .*$/s, '$1');
}

/** Whether whoever read the output has gone: `salonctl users | head -1`. */
function readerGone(error: Error): boolean {
  return isSystemError(error) && error.code === 'EPIPE';
}

/**
 * Writes the text and a line feed, and fulfils when the system has it, with whether anybody still reads: that `head`
 * has seen enough is no error. Rejects with FileError where the text can't be written, because a disk is full say.
 */
export async function print(stream: NodeJS.WritableStream, text: string): Promise<boolean> {
  // An error comes to the callback and then as an event, which would end the program.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  const error = await new Promise<Error | null | undefined>((resolve) => {
    stream.write(`${text}\n`, resolve);
  });
  if (error === undefined || error === null) return true;
  if (readerGone(error)) return false;
  throw new FileError(`the output can't be written: ${systemReason(error)}`);
}
