// What a part of a step of the migrations says. It is data alone: sums.ts, values.ts and export.ts read it.

/**
 * What the values of a column are. `id`: an integer from 1 on; `count`: from 0 on; `time`: milliseconds since 1970;
 * `name`: a text that is not empty; `flag`: 0 or 1; `conversation`: the log of one (store/conversations.ts); a list:
 * one of these words.
 */
export type ColumnKind =
  | 'id'
  | 'count'
  | 'time'
  | 'name'
  | 'text'
  | 'flag'
  | 'bytes'
  | 'conversation'
  | readonly string[];

/** A table that a part makes. Its rows have a checksum, in the column `crc`, over all other columns. */
export interface NewTable {
  /** The columns that identify a row. */
  readonly place: readonly string[];
  /** The columns that the checksum covers, in their order. */
  readonly columns: Readonly<Record<string, ColumnKind>>;
}

/** A part of a step. The parts of a step run in one transaction, in the order of their list. */
export interface MigrationPart {
  /** Makes the tables, columns and indexes; ends with a semicolon, or is empty. */
  readonly sql: string;
  /** The tables whose rows have checksums. */
  readonly tables: Readonly<Record<string, NewTable>>;
  /** Those of them whose rows are lines of an export as they stand. */
  readonly exported: readonly string[];
}
