// Damages a page of a database that a store has open.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { Database } from '../../src/store/sqlite/database.js';

/**
 * Damages the page with the smallest entries of a table or an index; the only page if it has but one. The store reads
 * it again afterwards.
 * @param sql what is done before, behind the store's back
 */
export async function damageFirstPage(path: string, name: string, sql = ''): Promise<void> {
  const beside = await Database.open(path);
  await beside.exec(`${sql}; PRAGMA wal_checkpoint(TRUNCATE)`);
  const [version] = await beside.all('PRAGMA user_version');
  const file = openSync(path, 'r+');
  writeSync(file, 'no page', await firstPage(beside, path, name));
  closeSync(file);
  // After another connection's commit the store reads the page again.
  await beside.exec(`PRAGMA user_version = ${Number(version?.['user_version'])}`);
  await beside.close();
}

async function firstPage(database: Database, path: string, name: string): Promise<number> {
  const [found] = await database.all(
    `SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = '${name}'`,
  );
  const size = Number(found?.['page_size']);
  const bytes = readFileSync(path);
  let page = Number(found?.['rootpage']);
  // An interior page of an index begins with 2, of a table with 5. Its cells begin where its 12 bytes of header end,
  // each with a child.
  for (let at = (page - 1) * size; bytes[at] === 2 || bytes[at] === 5; at = (page - 1) * size)
    page = bytes.readUInt32BE(at + bytes.readUInt16BE(at + 12));
  return (page - 1) * size;
}
