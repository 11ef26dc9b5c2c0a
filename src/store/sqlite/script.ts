// The writes of a transaction, gathered as SQL text. Each call of SQLite is a trip to the thread pool, and its result
// is seen in a turn of the event loop, which takes 10 ms and more while somebody floods the daemon. All messages wait
// for the transaction. So its writes are sent together: with the COMMIT, or before a statement that has to see them.
import { isOfTheData } from './database-error.js';

/** What a parameter of a statement may be. */
export type Value = string | number | null | Uint8Array;

/** A script that is longer is run before more is added. A change of the directory may not be free of cost. */
const longest = { units: 32_768, statements: 32 } as const;

/** A literal of SQL, or a placeholder with the number that it may have. */
const token = /'(?:[^']|'')*'|\?(\d*)/g;

/** The text of a statement, to be completed by values. */
export class SqlText {
  /** What stands between the placeholders. */
  readonly #between: string[] = [];
  /** The places of the values. */
  readonly #places: number[] = [];

  /** @param sql without comments; all placeholders are `?` or all have numbers */
  constructor(sql: string) {
    let end = 0;
    for (const { 0: found, 1: number, index } of sql.matchAll(token)) {
      if (number === undefined) continue;
      this.#between.push(sql.slice(end, index));
      this.#places.push(number === '' ? this.#places.length : Number(number) - 1);
      end = index + found.length;
    }
    this.#between.push(sql.slice(end));
  }

  /** The statement with the values in their places. Undefined where text can't hold one, or would be long. */
  with(values: readonly Value[]): string | undefined {
    let text = this.#between[0] ?? '';
    for (const [at, place] of this.#places.entries()) {
      const literal = literalOf(values[place] ?? null);
      if (literal === undefined) return undefined;
      text += literal + (this.#between[at + 1] ?? '');
    }
    return text.length <= longest.units ? text : undefined;
  }
}

/** Writes a value as a literal. Undefined where it is too long, or would end the text or mean another value there. */
function literalOf(value: Value): string | undefined {
  if (value === null) return 'NULL';
  // SQLite reads some fractions as their neighbours.
  if (typeof value === 'number') return Number.isSafeInteger(value) ? `(${value})` : undefined;
  if (value.length > longest.units) return undefined;
  if (typeof value === 'string') return value.includes('\0') ? undefined : `'${value.replaceAll("'", "''")}'`;
  return `x'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}'`;
}

/** The transaction that a connection is in, and what it has not been sent of it. */
export class Script {
  readonly #exec: (sql: string) => Promise<void>;
  #isOpen = false;
  #hasBegun = false;
  #text = '';
  #statements = 0;
  /**
   * What runs, or ran last. Nothing runs behind what has failed until that is undone: there may be no transaction, and
   * of what was gathered a part was not carried out. So a caller may catch the error, as lookups do (`readEach`).
   */
  #running: Promise<void> = Promise.resolve();

  /** @param exec runs statements on the connection */
  constructor(exec: (sql: string) => Promise<void>) {
    this.#exec = exec;
  }

  /** Whether writes are gathered. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether nothing was written that a statement that only reads has to see: then the transaction need not begin. */
  get isUnwritten(): boolean {
    return !this.#hasBegun && this.#text === '';
  }

  open(): void {
    this.#isOpen = true;
    this.#hasBegun = false;
    this.#running = Promise.resolve();
  }

  /** Adds a statement. Fulfils at once as a rule: its errors are those of a later call. Rejects with DatabaseError. */
  async add(statement: string): Promise<void> {
    this.#text += `${statement};`;
    this.#statements += 1;
    if (this.#text.length > longest.units || this.#statements >= longest.statements) await this.send();
  }

  /**
   * Runs what was gathered, and begins the transaction before it. Rejects with DatabaseError, also where something
   * before it has failed and was not undone.
   */
  send(): Promise<void> {
    if (this.#hasBegun && this.#text === '') return this.#running;
    const text = this.#hasBegun ? this.#text : `BEGIN IMMEDIATE;${this.#text}`;
    this.#forget();
    this.#hasBegun = true;
    return (this.#running = this.#running.then(() => this.#exec(text)));
  }

  /**
   * Reports that a statement has failed that was not gathered. After most errors of the disk SQLite has rolled back.
   * What came behind would be a transaction of its own, so nothing runs until that is undone.
   */
  failed(error: unknown): void {
    if (!this.#hasBegun || isOfTheData(error)) return;
    this.#running = Promise.reject(error instanceof Error ? error : new Error(String(error)));
    // Whoever sends next is told of it.
    this.#running.catch(() => undefined);
  }

  /** Commits. Where nothing was written, there is nothing to do. Rejects with DatabaseError. */
  async commit(): Promise<void> {
    if (this.isUnwritten) return;
    this.#text += 'COMMIT';
    await this.send();
  }

  /** Runs statements in place of what was gathered: those that undo it. Rejects with DatabaseError. */
  undo(statements: string): Promise<void> {
    this.#forget();
    return (this.#running = this.#running.catch(() => undefined).then(() => this.#exec(statements)));
  }

  /** Gathers nothing more. */
  close(): void {
    this.#forget();
    this.#isOpen = false;
  }

  #forget(): void {
    this.#text = '';
    this.#statements = 0;
  }
}
