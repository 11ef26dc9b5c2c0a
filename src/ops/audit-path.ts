// Opens the file of the audit trail for appending, and checks whether that is possible.
import { accessSync, closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { reasonOf } from '../text/reason.js';

/** The audit file can't be written. The message names it and says why. */
export class AuditError extends Error {
  /** @param path the file */
  constructor(
    readonly path: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Checks that the file can be appended to, or created. Changes nothing. Throws AuditError. */
export function checkAuditFile(path: string): void {
  try {
    closeSync(openAppending(path, 0));
  } catch (error) {
    const { cause } = error as AuditError;
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw error;
    checkFolderOf(path);
  }
}

/** Checks that a file can be created. Follows a dangling link, because the file would be created where it leads. */
function checkFolderOf(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
      checkFolderOf(resolve(dirname(path), readlinkSync(path)));
      return;
    }
    // A path that ends with a slash names a folder, which does not exist.
    accessSync(path.endsWith('/') ? path : dirname(path), constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): AuditError {
  return new AuditError(path, `${path} can't be written: ${reasonOf(cause)}`, { cause });
}

/**
 * Opens the file for appending, and creates it for the daemon's user alone if it is missing. Does not block, so that a
 * pipe without a reader is an error and no endless wait. Throws AuditError.
 * @param creating 0 to throw if the file is missing
 */
export function openAppending(path: string, creating: number = constants.O_CREAT): number {
  let fd: number;
  try {
    fd = openSync(
      path,
      constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY | constants.O_NONBLOCK | creating,
      0o600,
    );
  } catch (cause) {
    throw unwritable(path, cause);
  }
  if (!fstatSync(fd).isFile() || isAuditTrail(path)) return fd;
  closeSync(fd);
  throw new AuditError(path, `${path} can't be written: it is there and is no audit log, so it was left as it is`);
}

const openingBrace = 0x7b;

/**
 * Whether the file is empty or begins with a line of JSON. Nothing may be appended to a file that audit_log names by
 * mistake, such as a database or a key.
 */
function isAuditTrail(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    // Perhaps the file may be written and not read.
    return true;
  }
  try {
    const first = Buffer.alloc(1);
    return readSync(fd, first, 0, 1, 0) === 0 || first[0] === openingBrace;
  } finally {
    closeSync(fd);
  }
}
