// Reads what the messages of a batch are judged by: what is stored under their keys, and what they are about. Of a log
// or a message that can't be read only the messages that ask for it fail.
import type { Batch, Numbering } from '../committer.js';
import type { Referred, Targets } from '../judge.js';
import type { KeyedMessage, LogId } from '../log.js';
import { numberBatch } from '../numbering.js';
import { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { EditTargets, type AskedTarget } from './edits.js';
import type { Heads } from './heads.js';
import { Keys, type AskedKey } from './keys.js';

/** What could not be read of what a batch is judged by, and why. It is not read again: see `Contents.number`. */
export class Unread {
  /** The heads of these logs. */
  readonly heads = new Map<LogId, StoreFailure>();
  /** Up to which id the messages of these logs were trimmed or erased. */
  readonly erased = new Map<LogId, StoreFailure>();
  /** What is stored under the keys of the messages at these places. */
  readonly keys = new Map<number, StoreFailure>();
  /** What the edits at these places are about. */
  readonly targets = new Map<number, StoreFailure>();
}

/** What a batch can't be numbered without. */
export interface Wanted {
  /** The logs whose heads are not known. */
  readonly logs: readonly LogId[];
  /** The logs that can't be written to, and why. */
  readonly refused: ReadonlyMap<LogId, StoreFailure>;
  /** What is known not to be readable. What turns out so is added. */
  readonly unread?: Unread | undefined;
}

/** Numbers batches for which something has to be read. */
export class Lookups {
  readonly #heads: Heads;
  readonly #keys: Keys;
  readonly #targets: EditTargets;

  private constructor(heads: Heads, keys: Keys, targets: EditTargets) {
    this.#heads = heads;
    this.#keys = keys;
    this.#targets = targets;
  }

  /** Prepares the statements. Rejects with DatabaseError. */
  static async prepare(writer: Database, heads: Heads): Promise<Lookups> {
    return new Lookups(heads, await Keys.prepare(writer), await EditTargets.prepare(writer));
  }

  /**
   * Numbers a batch for which keys, heads or what edits are about have to be read first, or some of whose logs are
   * damaged. Of a log that can't be read or written only the messages fail.
   */
  async number(batch: Batch, time: number, { logs, refused, unread = new Unread() }: Wanted): Promise<Numbering> {
    const heads = this.#heads;
    const unknown = logs.filter((log) => !unread.heads.has(log));
    if (unknown.length > 0) for (const [log, failure] of await heads.readEach(unknown)) unread.heads.set(log, failure);
    const known = batch.isKeyed
      ? await this.#findKeys(batch, unread.keys)
      : new Map<number, KeyedMessage | StoreFailure>();
    const isAnyFailing = unread.heads.size + refused.size > 0;
    if (isAnyFailing) {
      for (const [place, log] of batch.logs.entries()) {
        const failure = unread.heads.get(log) ?? (known.has(place) ? undefined : refused.get(log));
        if (failure !== undefined) known.set(place, failure);
      }
    }
    const judged = isAnyFailing ? { ...batch, isKeyed: true } : batch;
    const referred = batch.refers ? await this.#findReferred(batch, unread) : undefined;
    return numberBatch(judged, time, (log) => heads.get(log) ?? 0, known, referred);
  }

  async #findReferred(batch: Batch, unread: Unread): Promise<Referred> {
    const { logs, about } = batch;
    const isAsked = (log: LogId, place: number): boolean => (about[place] ?? 0) > 0 && !unread.erased.has(log);
    const erased = await this.#targets.erasedIn([...new Set(logs.filter(isAsked))]);
    for (const [log, found] of erased) if (found instanceof StoreFailure) unread.erased.set(log, found);
    const targets = await this.#findTargets(batch, unread.targets);
    return { targets, erasedOf: (log) => unread.erased.get(log) ?? erased.get(log) ?? 0 };
  }

  /** Finds what the batch's edits are about, by the places of the edits. */
  #findTargets({ logs, kinds, about }: Batch, unread: Map<number, StoreFailure>): Promise<Targets> {
    const places: number[] = [];
    const asked: AskedTarget[] = [];
    for (const [place, kind] of kinds.entries()) {
      if (kind !== 'edit' || unread.has(place)) continue;
      places.push(place);
      asked.push([logs[place] ?? 0, about[place] ?? 0]);
    }
    return findAt(places, asked, (all) => this.#targets.findEach(all), unread);
  }

  /** Finds the messages that are stored under the batch's keys, by the places of the batch's messages. */
  #findKeys(
    { logs, authors, keys }: Batch,
    unread: Map<number, StoreFailure>,
  ): Promise<Map<number, KeyedMessage | StoreFailure>> {
    const places: number[] = [];
    const asked: AskedKey[] = [];
    for (const [place, key] of keys.entries()) {
      if (key === undefined || unread.has(place)) continue;
      places.push(place);
      asked.push([logs[place] ?? 0, authors[place]?.id ?? 0, key]);
    }
    return findAt(places, asked, (all) => this.#keys.findEach(all), unread);
  }
}

/**
 * Finds what is asked for, by the places in the batch.
 * @param places those of what is asked for, in its order
 * @param unread what is not asked for, because it can't be read; what turns out so is added
 */
async function findAt<Asked, Found>(
  places: readonly number[],
  asked: readonly Asked[],
  findEach: (asked: readonly Asked[]) => Promise<ReadonlyMap<number, Found | StoreFailure>>,
  unread: Map<number, StoreFailure>,
): Promise<Map<number, Found | StoreFailure>> {
  const all = new Map<number, Found | StoreFailure>(unread);
  if (asked.length === 0) return all;
  for (const [at, found] of await findEach(asked)) {
    const place = places[at] ?? 0;
    all.set(place, found);
    if (found instanceof StoreFailure) unread.set(place, found);
  }
  return all;
}
