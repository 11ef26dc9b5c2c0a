// Statements by name, prepared once: queries on the connection that reads, commands on the one that writes.
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage } from '../log.js';
import type { JobLength } from './connection-jobs.js';
import type { Database, Statement, Value } from './database.js';
import { sumOf } from './sums.js';

/** Prepared statements by the names of their SQL. */
export type Prepared<Sql> = { readonly [Name in keyof Sql]: Statement };

/** The two connections of a store. */
export interface ReaderAndWriter {
  readonly reader: Database;
  readonly writer: Database;
}

/** The statements of one part of the directory. */
export interface Statements<Queries, Commands> {
  /** These may run at any time. They see what is committed. */
  readonly queries: Prepared<Queries>;
  /** These run within a commit. They see what that commit has done. */
  readonly commands: Prepared<Commands>;
}

/** The commits that carry out what changes the directory. */
export type Writes = Pick<GroupCommit<NewMessage>, 'write'>;

/** The statements of one part of the directory, and the commits that carry out its commands. */
export interface Table<Queries, Commands> extends Statements<Queries, Commands>, Writes {}

/** The rows that a list of rooms or users looks at in one read: half a millisecond. */
export const mostSeen = 2000;

/** SQL: the key of the last row of `table` that a read after a key looks at, where more come after it. */
export function lastSeen(table: 'rooms' | 'users'): string {
  return `SELECT key FROM ${table} WHERE key > ? ORDER BY key LIMIT 1 OFFSET ${mostSeen - 1}`;
}

type SqlByName = Readonly<Record<string, string>>;

/** Prepares `sql` on one connection. Rejects with DatabaseError. */
export async function prepareAll<Sql extends SqlByName>(
  database: Database,
  sql: Sql,
  length?: JobLength,
): Promise<Prepared<Sql>> {
  const prepared: Record<string, Statement> = {};
  for (const [name, text] of Object.entries(sql)) prepared[name] = await database.prepare(text, length);
  return prepared as Prepared<Sql>;
}

/** Prepares queries and commands, each on its connection. Rejects with DatabaseError. */
export async function prepareBoth<Queries extends SqlByName, Commands extends SqlByName>(
  { reader, writer }: ReaderAndWriter,
  queries: Queries,
  commands: Commands,
): Promise<Statements<Queries, Commands>> {
  return { queries: await prepareAll(reader, queries), commands: await prepareAll(writer, commands) };
}

/** Prepares the statements of a table, as `prepareBoth` does. @param commits carries out the commands */
export async function prepareTable<Queries extends SqlByName, Commands extends SqlByName>(
  connections: ReaderAndWriter,
  commits: Writes,
  queries: Queries,
  commands: Commands,
): Promise<Table<Queries, Commands>> {
  const write: Writes['write'] = (job, payer) => commits.write(job, payer);
  return { ...(await prepareBoth(connections, queries, commands)), write };
}

/** Answers a row's values and their checksum, in the order of the columns that `summed` names. */
export function withSum(...values: readonly Value[]): readonly Value[] {
  return [...values, sumOf(values)];
}
