// Writes to standard output and standard error.
import { printable } from '../text/printable.js';
import { FileError } from './errors.js';

/** The value as JSON on one line, without characters that a terminal would act on. */
export function jsonLine(value: unknown): string {
  return printable(JSON.stringify(value));
}

/** The width of the stream's terminal. Undefined if it is not a terminal, or does not know its width. */
export function columnsOf({ isTTY, columns }: { isTTY?: boolean; columns?: number }): number | undefined {
  return isTTY === true && columns !== undefined && columns > 0 ? columns : undefined;
}

/** Whether the error is one of a system call. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** The reason of a system error, without its code and its system call: `no space left on device`. */
export function systemReason({ message }: Error): string {
  return message.replace(/^[A-Z0-9]+: ([^,]+), .*$/s, '$1');
}

/** Whether the reader of a pipe has closed it: `salonctl users | head -1`. */
function readerGone(error: Error): boolean {
  return isSystemError(error) && error.code === 'EPIPE';
}

/**
 * Writes the text and a line feed. Fulfils with true when the system has taken them, or with false if the reader has
 * closed the pipe, which is not an error. Rejects with FileError if the text can't be written, for example to a full
 * disk.
 */
export async function print(stream: NodeJS.WritableStream, text: string): Promise<boolean> {
  // An error goes to the callback and then to the event `error`, which would end the program without a listener.
  if (stream.listenerCount('error') === 0) stream.on('error', () => undefined);
  const error = await new Promise<Error | null | undefined>((resolve) => {
    stream.write(`${text}\n`, resolve);
  });
  if (error === undefined || error === null) return true;
  if (readerGone(error)) return false;
  throw new FileError(`the output can't be written: ${systemReason(error)}`);
}
