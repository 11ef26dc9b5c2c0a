// Lines of the feed and of an export, for tests that compare them.
import { join } from 'node:path';
import { Database } from '../../src/store/sqlite/database.js';
import { exported, plainTables } from '../../src/store/sqlite/export.js';
import { feedPlace } from '../../src/store/sqlite/feed.js';
import type { Store } from '../../src/store/store.js';
import type { Line } from '../support/files.js';

/** Reads all that is stored in a folder, as an export has it. */
export async function exportOf(folder: string): Promise<readonly Line[]> {
  const database = await Database.openUnchanging(join(folder, 'salond.db'));
  try {
    const lines: Line[] = [];
    for await (const line of exported(database)) lines.push(JSON.parse(line) as Line);
    return lines;
  } finally {
    await database.close();
  }
}

/** Reads the feed to its end. */
export async function feedAfter({ feed }: Store, position: string): Promise<readonly Line[]> {
  if (feed === undefined) throw new Error('SQLite has a feed');
  const lines: Line[] = [];
  for (let at = position; ; ) {
    const part = await feed.read(at);
    if (part === 'unknown') throw new Error(`${at} is unknown`);
    lines.push(...part.lines.map((each) => JSON.parse(each) as Line));
    at = part.position;
    if (part.isEnd) return lines;
  }
}

/** The line without these members. */
export const without = (line: Line, ...names: readonly string[]): Line =>
  Object.fromEntries(Object.entries(line).filter(([name]) => !names.includes(name)));
/** The position of the last line; empty where there is none. */
export function positionOf(lines: readonly Line[]): string {
  const { position = '' } = (lines.at(-1) ?? {}) as { readonly position?: string };
  return position;
}

/** The lines of messages. */
export const messagesIn = (lines: readonly Line[]): readonly Line[] =>
  lines.filter((line) => line['in'] === 'messages');

/** The rows that the lines leave: the last line of each row counts. */
export function rowsIn(lines: readonly Line[]): readonly string[] {
  const rows = new Map<string, Line>();
  for (const line of lines) {
    const table = plainTables.find((each) => each === line['in']);
    if (table === undefined) continue;
    const place = JSON.stringify([table, ...feedPlace(table).map((column) => line[column])]);
    if (line['removed'] === true) rows.delete(place);
    else rows.set(place, line);
  }
  return [...rows.values()].map((line) => JSON.stringify(without(line, 'position'))).sort();
}
