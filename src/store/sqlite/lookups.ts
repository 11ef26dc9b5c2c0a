// Reads what the messages of a batch are judged by: what is stored under their keys, and what they are about. Of a log
// or a message that can't be read only the messages that ask for it fail.
import type { Batch, Numbering } from '../committer.js';
import type { Referred, Targets } from '../judge.js';
import type { KeyedMessage, LogId } from '../log.js';
import { numberBatch } from '../numbering.js';
import type { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { EditTargets, type AskedTarget } from './edits.js';
import type { Heads } from './heads.js';
import { Keys, type AskedKey } from './keys.js';

/** Why messages of a batch can't be judged, by their places in it. */
export type Unreadable = ReadonlyMap<number, StoreFailure>;

/** What a batch can't be numbered without. */
export interface Wanted {
  /** The logs whose heads are not known. */
  readonly logs: readonly LogId[];
  /** The logs that can't be written to, and why. */
  readonly refused: ReadonlyMap<LogId, StoreFailure>;
  /** What is known not to be readable. It is not read again. */
  readonly unreadable?: Unreadable | undefined;
}

const noneUnreadable: Unreadable = new Map();
const noFailures: ReadonlyMap<LogId, StoreFailure> = new Map();

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
  async number(batch: Batch, time: number, { logs, refused, unreadable = noneUnreadable }: Wanted): Promise<Numbering> {
    const heads = this.#heads;
    const unknown = unreadable.size === 0 ? logs : logsOf(batch, logs, unreadable);
    const headless = unknown.length === 0 ? noFailures : await heads.readEach(unknown);
    const known = new Map<number, KeyedMessage | StoreFailure>(
      batch.isKeyed ? await this.#findKeys(batch, unreadable) : [],
    );
    const isAnyFailing = headless.size + refused.size + unreadable.size > 0;
    if (isAnyFailing) {
      for (const [place, log] of batch.logs.entries()) {
        const refusal = known.has(place) ? undefined : refused.get(log);
        const failure = unreadable.get(place) ?? headless.get(log) ?? refusal;
        if (failure !== undefined) known.set(place, failure);
      }
    }
    const judged = isAnyFailing ? { ...batch, isKeyed: true } : batch;
    const referred = batch.refers ? await this.#findReferred(batch, unreadable) : undefined;
    return numberBatch(judged, time, (log) => heads.get(log) ?? 0, known, referred);
  }

  async #findReferred(batch: Batch, unreadable: Unreadable): Promise<Referred> {
    const { logs, about } = batch;
    const refers = (place: number): boolean => (about[place] ?? 0) > 0 && !unreadable.has(place);
    const erased = await this.#targets.erasedIn([...new Set(logs.filter((_, place) => refers(place)))]);
    return { targets: await this.#findTargets(batch, unreadable), erasedOf: (log) => erased.get(log) ?? 0 };
  }

  /** Finds what the batch's edits are about, by the places of the edits. */
  async #findTargets({ logs, kinds, about }: Batch, unreadable: Unreadable): Promise<Targets> {
    const places: number[] = [];
    const asked: AskedTarget[] = [];
    for (const [place, kind] of kinds.entries()) {
      if (kind !== 'edit' || unreadable.has(place)) continue;
      places.push(place);
      asked.push([logs[place] ?? 0, about[place] ?? 0]);
    }
    if (asked.length === 0) return new Map();
    const found = await this.#targets.findEach(asked);
    return new Map([...found].map(([at, target]) => [places[at] ?? 0, target]));
  }

  /** Finds the messages that are stored under the batch's keys, by the places of the batch's messages. */
  async #findKeys(
    { logs, authors, keys }: Batch,
    unreadable: Unreadable,
  ): Promise<ReadonlyMap<number, KeyedMessage | StoreFailure>> {
    const places: number[] = [];
    const asked: AskedKey[] = [];
    for (const [place, key] of keys.entries()) {
      if (key === undefined || unreadable.has(place)) continue;
      places.push(place);
      asked.push([logs[place] ?? 0, authors[place]?.id ?? 0, key]);
    }
    const found = await this.#keys.findEach(asked);
    return new Map([...found].map(([at, message]) => [places[at] ?? 0, message]));
  }
}

/** Those of the logs that have a message that may be judged. */
function logsOf(batch: Batch, logs: readonly LogId[], unreadable: Unreadable): readonly LogId[] {
  const judged = new Set(batch.logs.filter((_, place) => !unreadable.has(place)));
  return logs.filter((log) => judged.has(log));
}
