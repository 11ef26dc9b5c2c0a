// Gives the messages of a batch their ids and outcomes (PROTOCOL.md §4.1, §5.3) and sorts them by log. Pure: the adapter
// hands in the heads of the logs and the known keys, and moves its heads itself once the commit has succeeded.
import type { Batch, Numbering } from './committer.js';
import type { Author, KeyedMessage, LogId, Messages, Outcome } from './log.js';
import { StoreFailure } from './store.js';
import { isSameText, textAt } from './texts.js';

/** The messages that are stored under known keys, or why that can't be read, by the places of the batch's messages. */
export type KnownKeys = ReadonlyMap<number, KeyedMessage | StoreFailure>;

const noneKnown: KnownKeys = new Map();

/** Stands for a missing author, which the types allow and no batch has. */
const noAuthor: Author = { id: 0, name: '' };

/** The messages of one log that are to be stored, by their places in the batch. */
class Column {
  readonly places: number[] = [];

  constructor(
    readonly log: LogId,
    readonly first: number,
  ) {}
}

/** A batch's messages to all logs. */
class Columns {
  readonly #columns = new Map<LogId, Column>();
  #last: Column | undefined;

  constructor(
    readonly batch: Batch,
    readonly time: number,
    readonly headOf: (log: LogId) => number,
  ) {}

  /** Appends the message at `place` of the batch to its log, and answers its id. */
  store(place: number): number {
    const column = this.#columnOf(this.batch.logs[place] ?? 0);
    return column.first + column.places.push(place) - 1;
  }

  all(): readonly Messages[] {
    return Array.from(this.#columns.values(), (column) => this.#messagesOf(column));
  }

  /** Arrays that grow have room for 17 elements, so those of a log are made once, as long as they have to be. */
  #messagesOf({ log, first, places }: Column): Messages {
    const { time } = this;
    const { logs, authors, texts, kinds, about } = this.batch;
    if (places.length === logs.length) return { log, first, time, authors, texts, kinds, about };
    return {
      log,
      first,
      time,
      authors: places.map((place) => authors[place] ?? noAuthor),
      texts: {
        bytes: texts.bytes,
        begins: places.map((place) => texts.begins[place] ?? 0),
        ends: places.map((place) => texts.ends[place] ?? 0),
      },
      kinds: places.map((place) => kinds[place] ?? 'text'),
      about: places.map((place) => about[place] ?? 0),
    };
  }

  #columnOf(log: LogId): Column {
    if (this.#last?.log === log) return this.#last;
    let column = this.#columns.get(log);
    if (column === undefined) {
      column = new Column(log, this.headOf(log) + 1);
      this.#columns.set(log, column);
    }
    this.#last = column;
    return column;
  }
}

/**
 * Numbers a batch: the messages that are to be stored get the ids after their log's head, without a gap.
 * @param time of all messages, in milliseconds since 1970
 * @param headOf the id of the newest stored message of a log, 0 for none
 */
export function numberBatch(
  batch: Batch,
  time: number,
  headOf: (log: LogId) => number,
  known: KnownKeys = noneKnown,
): Numbering {
  const columns = new Columns(batch, time, headOf);
  const outcomes: Outcome[] = [];
  const ids: number[] = [];
  if (!batch.isKeyed) {
    for (let place = 0; place < batch.logs.length; place += 1) {
      outcomes.push('stored');
      ids.push(columns.store(place));
    }
    return { stored: columns.all(), outcomes, ids, unreadable: [] };
  }
  const unreadable: StoreFailure[] = [];
  const firsts = firstPlaces(batch);
  for (const [place, first] of firsts.entries()) {
    const judged = judge(batch, place, first, known);
    if (judged === 'new') {
      outcomes.push('stored');
      ids.push(columns.store(place));
    } else if (judged instanceof StoreFailure) {
      unreadable.push(judged);
      outcomes.push('failed');
      ids.push(0);
    } else {
      outcomes.push(judged.isSame ? 'duplicate' : 'conflict');
      ids.push(judged.id ?? ids[first] ?? 0);
    }
  }
  return { stored: columns.all(), outcomes, ids, unreadable };
}

/** Finds for each message the place of the first one of the same log, author and key, which may be its own. */
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

/**
 * Decides what to do with a message by its key. `id` is left out where the first message of that key is in the batch.
 */
function judge(
  batch: Batch,
  place: number,
  first: number,
  known: KnownKeys,
): { readonly isSame: boolean; readonly id?: number } | StoreFailure | 'new' {
  const stored = known.get(first);
  if (stored instanceof StoreFailure) return stored;
  const { kinds, about, texts } = batch;
  if (stored !== undefined) {
    const isAlike = stored.kind === kinds[place] && stored.about === about[place];
    return { isSame: isAlike && stored.text === textAt(texts, place), id: stored.id };
  }
  if (first === place) return 'new';
  const isAlike = kinds[first] === kinds[place] && about[first] === about[place];
  return { isSame: isAlike && isSameText(texts, first, place) };
}
