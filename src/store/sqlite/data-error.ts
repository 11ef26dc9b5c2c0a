// The error of data, or of a file that is to become data, that can't be used.

/** The data can't be used; the message is one line that names the file or folder. */
export class DataError extends Error {}

/** Whether it is an error of the system with that code, `ENOENT` for example. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
