// A prepared statement, and when it runs: at once, or with the others of its transaction.
import type sqlite3 from 'sqlite3';
import type { Callback, ConnectionJobs, JobLength } from './connection-jobs.js';
import { SqlText, type Script, type Value } from './script.js';

/** A row of a result, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** Whether a statement needs no transaction to be begun. */
export function onlyReads(sql: string): boolean {
  return /^\s*SELECT\b/i.test(sql);
}

/** Whether the transaction, and what it has gathered, have to run before a statement whose rows are asked for. */
export function hasToSend({ isOpen, isUnwritten }: Script, reads: boolean): boolean {
  return isOpen && !(reads && isUnwritten);
}

/** What the statements of a connection share. */
interface Connection {
  readonly jobs: ConnectionJobs;
  readonly script: Script;
}

/**
 * A statement that is used again. It is prepared in its first call: a store has almost two hundred, most starts use
 * few, and to prepare them all takes longer than to open an empty database. After `Database.takeOver` it is prepared on
 * the new connection.
 */
export class Statement {
  readonly #sql: string;
  /** Made when it is first run in a transaction. */
  #text: SqlText | undefined;
  readonly #onlyReads: boolean;
  readonly #script: Script;
  readonly #jobs: ConnectionJobs;
  readonly #length: JobLength;
  readonly #handle: () => sqlite3.Database;
  #statement: sqlite3.Statement | undefined;

  /** @param handle the connection of a job whose turn it is; throws DatabaseError where there is none */
  constructor(sql: string, { jobs, script }: Connection, length: JobLength, handle: () => sqlite3.Database) {
    this.#sql = sql;
    this.#onlyReads = onlyReads(sql);
    this.#jobs = jobs;
    this.#script = script;
    this.#length = length;
    this.#handle = handle;
  }

  /** In `Database.transaction` it fulfils as a rule before it runs, and a later statement rejects where it fails. */
  async run(...values: readonly Value[]): Promise<void> {
    if (this.#script.isOpen) {
      this.#text ??= new SqlText(this.#sql);
      const statement = this.#text.with(values);
      if (statement !== undefined) return this.#script.add(statement);
      await this.#script.send();
    }
    return this.#use((statement, callback: (error: Error | null) => void) => statement.run(...values, callback));
  }

  async all(...values: readonly Value[]): Promise<readonly Row[]> {
    if (hasToSend(this.#script, this.#onlyReads)) await this.#script.send();
    return this.#use<readonly Row[]>((statement, callback) => statement.all(...values, callback));
  }

  /** Finalizes it, on a connection that runs nothing. */
  finalize(): Promise<void> {
    const statement = this.#statement;
    this.#statement = undefined;
    return new Promise((resolve) => (statement === undefined ? resolve() : statement.finalize(() => resolve())));
  }

  #use<Result>(start: (statement: sqlite3.Statement, callback: Callback<Result>) => void): Promise<Result> {
    const used = this.#jobs.run<Result>((callback) => {
      if (this.#statement === undefined) this.#prepare(start, callback);
      else start(this.#statement, callback);
    }, this.#length);
    if (this.#script.isOpen) used.catch((error: unknown) => this.#script.failed(error));
    return used;
  }

  /** Prepares the statement and starts it, in the same job. */
  #prepare<Result>(
    start: (statement: sqlite3.Statement, callback: Callback<Result>) => void,
    callback: Callback<Result>,
  ): void {
    const statement = this.#handle().prepare(this.#sql, (error: Error | null) => {
      if (error !== null) {
        callback(error, undefined as Result);
        return;
      }
      this.#statement = statement;
      try {
        start(statement, callback);
      } catch (thrown) {
        callback(thrown as Error, undefined as Result);
      }
    });
  }
}
