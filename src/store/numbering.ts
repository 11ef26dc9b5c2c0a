// Gives the messages of a batch their ids and outcomes (PROTOCOL.md §4.1, §5.3) and sorts them by log. Pure: the adapter
// hands in the heads of the logs and the known keys, and moves its heads itself once the commit has succeeded.
import type { Batch, Numbering } from './committer.js';
import type { Author, KeyedMessage, Kind, LogId, Messages, Outcome } from './log.js';
import { StoreFailure } from './store.js';
import { isSameText, textAt } from './texts.js';

/** For messages of the batch, by their places: what is stored under their keys, or why that can't be read. */
export type KnownKeys = ReadonlyMap<number, KeyedMessage | StoreFailure>;

const noneKnown: KnownKeys = new Map();

/** What a batch brings to one log, while it grows. */
class Column implements Messages {
  readonly authors: Author[] = [];
  readonly kinds: Kind[] = [];
  readonly about: number[] = [];
  readonly texts: { readonly bytes: Buffer; readonly begins: number[]; readonly ends: number[] };

  constructor(
    readonly log: LogId,
    readonly first: number,
    readonly time: number,
    bytes: Buffer,
  ) {
    this.texts = { bytes, begins: [], ends: [] };
  }

  /** Adds the message at `place` of the batch and answers its id. */
  add({ authors, texts, kinds, about }: Batch, place: number): number {
    this.texts.begins.push(texts.begins[place] ?? 0);
    this.texts.ends.push(texts.ends[place] ?? 0);
    this.kinds.push(kinds[place] ?? 'text');
    this.about.push(about[place] ?? 0);
    return this.first + this.authors.push(authors[place] ?? nobody) - 1;
  }
}

/** Stands where a column has no author, which the types allow and no batch has. */
const nobody: Author = { id: 0, name: '' };

/**
 * Numbers a batch: the messages that are to be stored get the ids behind their log's head, without a gap.
 * @param time of all messages, in milliseconds since 1970
 * @param headOf the id of the newest stored message of a log, 0 for none
 */
export function numberBatch(
  batch: Batch,
  time: number,
  headOf: (log: LogId) => number,
  known: KnownKeys = noneKnown,
): Numbering {
  const columns = new Map<LogId, Column>();
  const outcomes: Outcome[] = [];
  const ids: number[] = [];
  const unreadable: StoreFailure[] = [];
  const firsts = batch.isKeyed ? firstPlaces(batch) : undefined;
  let column: Column | undefined;
  for (const [place, log] of batch.logs.entries()) {
    const judged = firsts === undefined ? undefined : judge(batch, place, firsts[place] ?? place, known);
    if (judged instanceof StoreFailure) {
      unreadable.push(judged);
      outcomes.push('failed');
      ids.push(0);
    } else if (judged !== undefined) {
      outcomes.push(judged.isSame ? 'duplicate' : 'conflict');
      ids.push(judged.id ?? ids[firsts?.[place] ?? 0] ?? 0);
    } else {
      if (column?.log !== log) {
        column = columns.get(log);
        if (column === undefined) {
          column = new Column(log, headOf(log) + 1, time, batch.texts.bytes);
          columns.set(log, column);
        }
      }
      outcomes.push('stored');
      ids.push(column.add(batch, place));
    }
  }
  return { stored: [...columns.values()], outcomes, ids, unreadable };
}

/** For each message the place of the first one of the same log, author and key, which may be its own. */
function firstPlaces({ logs, authors, keys }: Batch): readonly number[] {
  const places = new Map<string, number>();
  return keys.map((key, place) => {
    if (key === undefined) return place;
    const authored = `${logs[place]} ${authors[place]?.id} ${key}`;
    const first = places.get(authored);
    if (first === undefined) places.set(authored, place);
    return first ?? place;
  });
}

/** What a known key makes of a message: the first one's id is left out where it is in the batch. Undefined: it is new. */
function judge(
  batch: Batch,
  place: number,
  first: number,
  known: KnownKeys,
): { readonly isSame: boolean; readonly id?: number } | StoreFailure | undefined {
  const stored = known.get(first);
  if (stored instanceof StoreFailure) return stored;
  const { kinds, about, texts } = batch;
  if (stored !== undefined) {
    const isAlike = stored.kind === kinds[place] && stored.about === about[place];
    return { isSame: isAlike && stored.text === textAt(texts, place), id: stored.id };
  }
  if (first === place) return undefined;
  const isAlike = kinds[first] === kinds[place] && about[first] === about[place];
  return { isSame: isAlike && isSameText(texts, first, place) };
}
