// Gives the messages of a batch their ids and outcomes (PROTOCOL.md §4.1) and sorts them by log. Pure: the adapter
// hands in the heads of the logs, the known keys and what edits are about, and moves its heads itself once the commit
// has succeeded.
import type { Batch, Numbering } from './committer.js';
import { Judge, type KnownKeys, type Referred } from './judge.js';
import type { Author, Kind, LogId, Messages, Outcome } from './log.js';
import { StoreFailure } from './store.js';

const noneKnown: KnownKeys = new Map();

const nothingReferred: Referred = { targets: new Map(), erasedOf: () => 0 };

/** Stands for a missing author, which the types allow and no batch has. */
const noAuthor: Author = { id: 0, name: '' };

/** The messages of one log that are to be stored. */
class Column {
  /** How many they are. */
  count = 0;
  /** How many of them are copied into the columns. */
  copied = 0;

  constructor(
    /** Its place among the columns of all logs. */
    readonly place: number,
    readonly log: LogId,
    readonly first: number,
  ) {}
}

/** The messages of a batch that are to be stored, by their logs. */
class Columns {
  readonly #columns: Column[] = [];
  /** Undefined as long as there is one log at most, as in most batches. */
  #byLog: Map<LogId, Column> | undefined;
  /** The column of each message of the batch, undefined where it is not to be stored. */
  readonly #owners: (Column | undefined)[];
  #last: Column | undefined;

  constructor(
    readonly batch: Batch,
    readonly time: number,
    readonly headOf: (log: LogId) => number,
  ) {
    this.#owners = new Array<Column | undefined>(batch.logs.length);
  }

  /** Appends the message at `place` of the batch to its log, and answers its id. */
  store(place: number): number {
    const column = this.#columnOf(this.batch.logs[place] ?? 0);
    this.#owners[place] = column;
    column.count += 1;
    return column.first + column.count - 1;
  }

  /** Copies the messages into the columns of their logs. Where all are of one log, it answers the batch's columns. */
  all(): readonly Messages[] {
    const { batch, time } = this;
    const { logs, authors, texts, kinds, about } = batch;
    const [only] = this.#columns;
    if (only?.count === logs.length) return [{ log: only.log, first: only.first, time, authors, texts, kinds, about }];
    const all = this.#columns.map(({ log, first, count }) => emptyMessages(log, first, time, texts.bytes, count));
    for (let place = 0; place < logs.length; place += 1) {
      const column = this.#owners[place];
      const messages = all[column?.place ?? 0];
      if (column === undefined || messages === undefined) continue;
      const at = column.copied;
      column.copied += 1;
      messages.authors[at] = authors[place] ?? noAuthor;
      messages.texts.begins[at] = texts.begins[place] ?? 0;
      messages.texts.ends[at] = texts.ends[place] ?? 0;
      messages.kinds[at] = kinds[place] ?? 'text';
      messages.about[at] = about[place] ?? 0;
    }
    return all;
  }

  #columnOf(log: LogId): Column {
    if (this.#last?.log === log) return this.#last;
    this.#last = this.#byLog?.get(log) ?? this.#open(log);
    return this.#last;
  }

  /** Makes the column of a log that has none yet. */
  #open(log: LogId): Column {
    const columns = this.#columns;
    const column = new Column(columns.length, log, this.headOf(log) + 1);
    if (columns.length === 1) this.#byLog = new Map(columns.map((each) => [each.log, each]));
    this.#byLog?.set(log, column);
    columns.push(column);
    return column;
  }
}

/**
 * Makes the columns of one log, for `count` messages that are still to be copied. Arrays that grow have room for 17
 * elements at least, and most logs get fewer messages in a batch, so these are made as long as they have to be.
 */
function emptyMessages(log: LogId, first: number, time: number, bytes: Buffer, count: number) {
  return {
    log,
    first,
    time,
    authors: new Array<Author>(count),
    texts: { bytes, begins: new Array<number>(count), ends: new Array<number>(count) },
    kinds: new Array<Kind>(count),
    about: new Array<number>(count),
  };
}

/**
 * Numbers a batch: the messages that are to be stored get the ids after their log's head, without a gap.
 * @param time of all messages, in milliseconds since 1970
 * @param headOf the id of the newest stored message of a log, 0 for none
 * @param referred what messages of the batch are about; nothing where none is about another one
 */
export function numberBatch(
  batch: Batch,
  time: number,
  headOf: (log: LogId) => number,
  known: KnownKeys = noneKnown,
  referred: Referred = nothingReferred,
): Numbering {
  const columns = new Columns(batch, time, headOf);
  if (!batch.isKeyed && !batch.refers) {
    const ids = new Array<number>(batch.logs.length);
    for (let place = 0; place < ids.length; place += 1) ids[place] = columns.store(place);
    return { stored: columns.all(), outcomes: new Array<Outcome>(ids.length).fill('stored'), ids, unreadable: [] };
  }
  const outcomes: Outcome[] = [];
  const ids: number[] = [];
  const unreadable: StoreFailure[] = [];
  const judge = new Judge(batch, headOf, known, referred);
  for (let place = 0; place < batch.logs.length; place += 1) {
    const judged = judge.judge(place, ids);
    if (judged instanceof StoreFailure) unreadable.push(judged);
    const { outcome, id = 0 } = judged instanceof StoreFailure ? ({ outcome: 'failed' } as const) : judged;
    outcomes.push(outcome);
    ids.push(outcome === 'stored' ? columns.store(place) : id);
  }
  return { stored: columns.all(), outcomes, ids, unreadable };
}

/**
 * The numbering of a batch without the messages that were to be stored in some logs, because these logs can't be
 * written to. Those messages fail, and so does what is judged by them.
 * @param failures why, by the logs
 */
export function withoutLogs(
  { logs }: Pick<Batch, 'logs'>,
  { stored, outcomes, ids, unreadable }: Numbering,
  failures: ReadonlyMap<LogId, StoreFailure>,
): Numbering {
  const firsts = new Map(stored.map(({ log, first }) => [log, first]));
  /** Why a message that has an id of this batch fails. */
  const failureOf = (place: number): StoreFailure | undefined => {
    const log = logs[place] ?? 0;
    return (ids[place] ?? 0) >= (firsts.get(log) ?? Infinity) ? failures.get(log) : undefined;
  };
  const failed = ids.map((_, place) => failureOf(place));
  return {
    stored: stored.filter(({ log }) => !failures.has(log)),
    outcomes: outcomes.map((outcome, place) => (failed[place] === undefined ? outcome : 'failed')),
    ids: ids.map((id, place) => (failed[place] === undefined ? id : 0)),
    unreadable: [...unreadable, ...failed.filter((failure) => failure !== undefined)],
  };
}
