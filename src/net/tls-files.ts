// Reads the files that TLS needs.
import { readFileSync, statSync } from 'node:fs';
import { reasonOf } from '../text/reason.js';

/** A certificate, its key or a pre-shared key can't be used. The message names the file and says why. */
export class CertificateError extends Error {}

/**
 * Reads a plain file. A pipe could not be read a second time, and a device may have no end. Throws CertificateError.
 * @param access `private` where a file that everybody on this machine may read is an error
 */
export function readPlainFile(path: string, access: 'private' | 'any' = 'any'): Buffer {
  let stats;
  try {
    stats = statSync(path);
    const isPublic = (stats.mode & 0o007) !== 0;
    if (stats.isFile() && !(access === 'private' && isPublic)) return readFileSync(path);
  } catch (error) {
    throw new CertificateError(`${path} can't be read: ${reasonOf(error)}`);
  }
  if (!stats.isFile()) throw new CertificateError(`${path} can't be read: it is not a plain file`);
  throw new CertificateError(`${path} is open to every user of this machine: chmod o= it`);
}
