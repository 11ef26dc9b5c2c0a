// The error for data that can't be used, or for a file that can't become data.

/** The data can't be used; the message is one line that names the file or folder. */
export class DataError extends Error {}

/** Whether the error is a system error with that code, `ENOENT` for example. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
