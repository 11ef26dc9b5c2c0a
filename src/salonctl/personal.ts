// `users export`: writes all that the daemon has stored about one user, as lines of JSON.
import type { ControlConnection } from './control-connection.js';
import { BadData, Refused } from './errors.js';
import { cleaningOnSignals, newFile, writeAll, type Target } from './new-file.js';

const lineFeed = 10;

/**
 * Writes the lines about the user to a new file, which gets its name when all are there, or to a descriptor. Fulfils
 * with how many they are. Rejects with Refused, Unreachable, FileError, or BadData where lines are missing.
 */
export function exportUser(user: string, target: Target, connection: ControlConnection): Promise<number> {
  return cleaningOnSignals(() =>
    typeof target === 'number'
      ? receive(user, target, connection)
      : newFile(target, (file) => receive(user, file, connection)),
  );
}

async function receive(user: string, file: number, connection: ControlConnection): Promise<number> {
  let lines = 0;
  const { code, body } = await connection.ask({ command: 'export_account', user }, async (event) => {
    const piece = Buffer.from(String(event.body['data']), 'base64');
    for (let at = piece.indexOf(lineFeed); at !== -1; at = piece.indexOf(lineFeed, at + 1)) lines += 1;
    await writeAll(file, piece);
  });
  if (code !== 1) throw new Refused(`users export ${user}: ${String(body['error'])}`);
  if (body['lines'] !== lines) throw new BadData('what came is not what was sent');
  return lines;
}
