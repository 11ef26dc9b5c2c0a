// The commands `backup` and `restore`. Only these commands, and exports, load this file, because it loads the database.
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { contractRules } from '../rules.js';
import { DataError } from '../store/sqlite/data-error.js';
import { asOwnerOf, asOneself } from '../store/sqlite/owner.js';
import { checkBackup, restore as restoreTo } from '../store/sqlite/restore.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { namedList, reportingBadData, withSource } from './data-files.js';
import { Refused } from './errors.js';
import { newFile, writeAll, type Target } from './new-file.js';

/**
 * Requests a copy of all data from the daemon and writes it to an open file. Fulfils with its size in bytes. Rejects
 * with DataError if the size or the sum differs from what the daemon reports.
 */
export async function receiveBackup(connection: ControlConnection, file: number): Promise<number> {
  const sum = createHash('sha256');
  let bytes = 0;
  let writing = Promise.resolve();
  const { code, body }: ControlLine = await connection.ask({ command: 'back_up' }, (event) => {
    const piece = Buffer.from(String(event.body['data']), 'base64');
    sum.update(piece);
    bytes += piece.length;
    writing = writing.then(() => writeAll(file, piece));
    // A failure is reported below, when `writing` is awaited.
    writing.catch(() => undefined);
  });
  await writing;
  if (code !== 1) throw new Refused(String(body['error']));
  if (body['bytes'] !== bytes || body['sha256'] !== sum.digest('hex'))
    throw new DataError('what came is not what was sent');
  return bytes;
}

/**
 * Writes a backup of the running daemon to a new file, and checks it before the file gets its final name. A backup to a
 * descriptor is written as it comes. Only its sum is checked, at the end; `restore` checks the content.
 */
export function backUp(target: Target, connection: ControlConnection): Promise<object> {
  return reportingBadData(async () => {
    if (typeof target === 'number') return { bytes: await receiveBackup(connection, target) };
    const bytes = await newFile(target, async (file, partial) => {
      const received = await receiveBackup(connection, file);
      const [damage] = await withSource(partial, (source) => checkBackup(source, contractRules));
      if (damage !== undefined)
        throw new DataError(`the daemon's data is damaged, and ${target} was not made: ${damage}`);
      return received;
    });
    return { file: target, bytes };
  });
}

/**
 * Restores a backup to the data folder of a stopped daemon. Root reads the backup as root, and works on the data folder
 * as its owner.
 * @param named the path of a list of erasures, besides that of the folder
 * @param tell is told what the operator should know before anything is replaced
 */
export function restore(
  path: string,
  data: string,
  replace: boolean,
  named?: string,
  tell?: (sentence: string) => Promise<void>,
): Promise<object> {
  return reportingBadData(() =>
    withSource(path, async (source) => {
      const check = (): void => asOneself(() => source.checkUnchanged());
      const erasures = named === undefined ? undefined : namedList(named);
      const { aside, erased } = await asOwnerOf(data, () =>
        restoreTo(source, data, replace, check, contractRules, { erasures, tell }),
      );
      return {
        data,
        ...(erased === 0 ? {} : { erased }),
        ...(aside === undefined ? {} : { replaced: basename(aside) }),
        ...(source.lacksLog
          ? {
              note: `${path} is a copy of a data folder's file without a log: if the daemon ran when it was made, the newest messages are missing`,
            }
          : {}),
      };
    }),
  );
}
