// Makes the lines of an export (export.ts) the data of a new folder, all of them or none. An export may come from
// anywhere: each line has to meet the rules that clients' requests have to meet, and the last line has a count and a
// checksum of all others.
import { createHash, type Hash } from 'node:crypto';
import { Database } from './database.js';
import { exportFormat } from './export.js';
import { messageOf } from '../../text/reason.js';
import { DataError } from './data-error.js';
import { Filler, type Completing } from './filler.js';
import type { Line } from './message-line.js';
import type { ErasureList } from './erasure-list.js';
import { linesOf } from './lines.js';
import { migrate } from './migrate.js';
import { makeMarked } from './open.js';
import { sync } from './place.js';
import { rememberUnfinished } from './private-files.js';
import { filling } from './restore.js';
import { makeSkeletons } from './skeletons.js';
import type { RowRules } from './values.js';
import { findDamage } from './find-damage.js';

/** What an import did. */
export interface Imported {
  /** How many messages were imported. */
  readonly messages: number;
  /** Whether the export's last line was there to be checked; those of salond 0.1.0 have none. */
  readonly isChecked: boolean;
  /** How many users were erased, because they had been erased before. */
  readonly erased: number;
}

/**
 * Fills `folder`, which has no data yet. Rejects with DataError, and leaves nothing behind, where a line is not an
 * export's, the lines do not fit together, or the end is missing.
 */
export async function imported(
  bytes: AsyncIterable<Uint8Array>,
  folder: string,
  complete: Completing,
  rules: RowRules,
  erasures?: ErasureList,
): Promise<Imported> {
  let done: Omit<Imported, 'erased'> = { messages: 0, isChecked: false };
  const how = { replace: 'an import makes new data, and does not touch any', ...(erasures && { erasures }) };
  const { erased } = await filling(folder, how, async (path) => {
    rememberUnfinished(path);
    await makeMarked(path);
    const database = await Database.open(path);
    try {
      // The file is removed where anything fails, so nothing needs a rollback, and it is synced once at the end.
      await database.all('PRAGMA journal_mode = OFF');
      await database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -65536');
      await migrate(database, path);
      await database.exec('BEGIN IMMEDIATE');
      done = await fill(new Filler(database, complete, rules), linesOf(bytes));
      await makeSkeletons(database);
      await database.exec('COMMIT');
      const [damage] = await findDamage(database, rules);
      if (damage !== undefined) throw new DataError(`the lines do not fit together: ${damage}`);
    } finally {
      await database.close();
    }
    sync(path);
  });
  return { ...done, erased };
}

async function fill(filler: Filler, lines: AsyncIterable<Buffer>): Promise<Omit<Imported, 'erased'>> {
  const reader = new Reader();
  for await (const bytes of lines) {
    let line: Line | undefined;
    try {
      line = reader.take(bytes);
      filler.messages.isInTime = reader.format === 1;
      if (line !== undefined) await filler.add(line);
    } catch (error) {
      throw new DataError(`line ${reader.number} can't be taken: ${messageOf(error)}; it is ${shownLine(bytes)}`);
    }
  }
  reader.end();
  await filler.end().catch((error: unknown) => {
    throw new DataError(messageOf(error));
  });
  return { messages: filler.messages.count, isChecked: reader.format === exportFormat };
}

/**
 * The beginning of a line, without a password's hash and the keys of a token. The caller escapes control characters
 * when it prints this.
 */
function shownLine(bytes: Buffer): string {
  const text = bytes
    .toString('utf8', 0, 400)
    .replace(/\r?\n$/, '')
    .replace(/("(?:password|stored_key|server_key)":")[^"]*/g, '$1…');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** Reads the lines of an export one after the other, and checks the first and the last. */
class Reader {
  number = 0;
  format = 0;
  #isEnded = false;
  readonly #sum: Hash = createHash('sha256');
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /**
   * Answers the members of a line; undefined for the first and the last line. Throws an error that says what is wrong.
   */
  take(bytes: Buffer): Line | undefined {
    this.number += 1;
    if (this.#isEnded) throw new Error('it stands behind the last one');
    const text = this.#decode(bytes);
    const line = JSON.parse(text) as unknown;
    if (typeof line !== 'object' || line === null || Array.isArray(line)) throw new Error('it is no object');
    const members = line as Line;
    if (this.format > 1 && members['in'] === 'end') {
      this.#finish(members);
      return undefined;
    }
    this.#sum.update(bytes);
    if (this.number > 1) return members;
    this.#begin(members);
    return undefined;
  }

  /** Throws DataError where the last line is not there. */
  end(): void {
    if (this.number === 0) throw new DataError('there are no lines');
    if (this.format > 1 && !this.#isEnded)
      throw new DataError(
        `its end is missing: it has ${this.number} lines, and none that says how many there should be`,
      );
  }

  #decode(bytes: Buffer): string {
    // A line that was cut may look like a shorter one, so its LF has to be there. JSON escapes line feeds inside a
    // line.
    if (bytes.at(-1) !== 10) throw new Error('it is cut: it does not end in a line feed');
    let text: string;
    try {
      text = this.#decoder.decode(bytes);
    } catch {
      throw new Error('it is not UTF-8');
    }
    if (text.startsWith('\ufeff'))
      throw new Error('it begins with a byte order mark, which an export has not: another program has changed it');
    return text;
  }

  #begin({ salond, format }: Line): void {
    if (salond !== 'export') throw new Error('it does not begin an export');
    if (format !== 1 && format !== exportFormat)
      throw new Error(`its format is ${JSON.stringify(format)}, and this salond knows 1 and ${exportFormat}`);
    this.format = format;
  }

  #finish({ lines, sha256, ...others }: Line): void {
    if (Object.keys(others).length !== 1) throw new Error('it has more than a last line has');
    if (lines !== this.number - 1)
      throw new Error(
        `it says that there are ${JSON.stringify(lines)} lines before it, and there are ${this.number - 1}`,
      );
    if (sha256 !== this.#sum.digest('hex'))
      throw new Error('the SHA-256 in it is another than that of the lines before it: they were changed');
    this.#isEnded = true;
  }
}
