// Statements by name, prepared once.
import type { Database, Statement, Value } from './database.js';
import { sumOf } from './sums.js';

export type Prepared<Sql> = { readonly [Name in keyof Sql]: Statement };

export async function prepareAll<Sql extends Readonly<Record<string, string>>>(
  database: Database,
  sql: Sql,
): Promise<Prepared<Sql>> {
  const prepared: Record<string, Statement> = {};
  for (const [name, text] of Object.entries(sql)) prepared[name] = await database.prepare(text);
  return prepared as Prepared<Sql>;
}

/** A row's values and its checksum, in the order that `summed` has. */
export function withSum(...values: readonly Value[]): readonly Value[] {
  return [...values, sumOf(values)];
}
