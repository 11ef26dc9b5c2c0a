// What is said where the data, or a file that is to become data, can't be used.

/** The data can't be used; the message is one line that names the file or folder. */
export class DataError extends Error {}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
