// Gives the messages of a batch their ids and outcomes (PROTOCOL.md §4.1, §4.6, §5.3) and sorts them by log. Pure: the
// adapter hands in the heads of the logs, the known keys and what edits are about, and moves its heads itself once the
// commit has succeeded.
import type { Batch, Numbering } from './committer.js';
import {
  maxEdits,
  type Author,
  type KeyedMessage,
  type Kind,
  type LogId,
  type Messages,
  type Outcome,
  type UserId,
} from './log.js';
import { StoreFailure } from './store.js';
import { isSameText, textAt } from './texts.js';

/** The messages that are stored under known keys, or why that can't be read, by the places of the batch's messages. */
export type KnownKeys = ReadonlyMap<number, KeyedMessage | StoreFailure>;

const noneKnown: KnownKeys = new Map();

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

  /** Copies the messages into the columns of their logs. Where all are of one log, the batch's columns are its. */
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

/** The message that an edit is about. */
export interface Target {
  readonly author: UserId;
  readonly kind: Kind;
  readonly isDeleted: boolean;
  /** How many edits it has that were not deleted. */
  readonly edits: number;
}

/** The targets of edits, or why one can't be read, by the places of the edits in the batch. */
export type Targets = ReadonlyMap<number, Target | StoreFailure>;

/** What the messages that a batch is about are judged by. */
export interface Referred {
  readonly targets: Targets;
  /** Up to which id the messages of a log were trimmed or erased, 0 for none; or why that can't be read. */
  readonly erasedOf: (log: LogId) => number | StoreFailure;
}

const nothingReferred: Referred = { targets: new Map(), erasedOf: () => 0 };

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

/** What to do with a message. `id` is there where a message was stored before it with its key. */
interface Judged {
  readonly outcome: Outcome;
  readonly id?: number | undefined;
}

/** Decides what to do with the messages of a batch, one after the other: by their keys, then by what they are about. */
class Judge {
  readonly #batch: Batch;
  readonly #headOf: (log: LogId) => number;
  readonly #known: KnownKeys;
  readonly #referred: Referred;
  /** The places of the keyed messages of the batch that are to be stored, by log, author and key. */
  readonly #firsts = new Map<string, number>();
  /** How many edits of a message are to be stored, by its log and id. */
  readonly #edits = new Map<string, number>();

  constructor(batch: Batch, headOf: (log: LogId) => number, known: KnownKeys, referred: Referred) {
    this.#batch = batch;
    this.#headOf = headOf;
    this.#known = known;
    this.#referred = referred;
  }

  /** Judges the message at `place`, once those before it are judged. @param ids of those */
  judge(place: number, ids: readonly number[]): Judged | StoreFailure {
    const { logs, authors, keys, about, kinds, texts } = this.#batch;
    const stored = this.#known.get(place);
    if (stored instanceof StoreFailure) return stored;
    if (stored !== undefined) {
      const isAlike = stored.kind === kinds[place] && stored.about === about[place];
      // Of a deleted message nothing is kept that another one could be compared with.
      const isSame = stored.text === '' || (isAlike && stored.text === textAt(texts, place));
      return { outcome: isSame ? 'duplicate' : 'conflict', id: stored.id };
    }
    const key = keys[place];
    const authored = key === undefined ? undefined : `${logs[place]} ${authors[place]?.id} ${key}`;
    const first = authored === undefined ? undefined : this.#firsts.get(authored);
    if (first !== undefined) {
      const isAlike = kinds[first] === kinds[place] && about[first] === about[place];
      return { outcome: isAlike && isSameText(texts, first, place) ? 'duplicate' : 'conflict', id: ids[first] };
    }
    const refused = this.#refuse(place);
    if (refused instanceof StoreFailure) return refused;
    if (refused === undefined && authored !== undefined) this.#firsts.set(authored, place);
    return { outcome: refused ?? 'stored' };
  }

  /** Says why a message is not stored because of what it is about. Undefined where it is stored. */
  #refuse(place: number): Outcome | StoreFailure | undefined {
    const { logs, authors, about, kinds } = this.#batch;
    const [log = 0, id = 0] = [logs[place], about[place]];
    if (id === 0) return undefined;
    const erased = this.#referred.erasedOf(log);
    if (erased instanceof StoreFailure) return erased;
    // Ids are dense.
    if (id > this.#headOf(log) || id <= erased) return 'missing';
    if (kinds[place] !== 'edit') return undefined;
    const target = this.#referred.targets.get(place);
    if (target instanceof StoreFailure) return target;
    if (target === undefined) return 'missing';
    if (target.isDeleted || target.kind === 'edit' || target.author !== authors[place]?.id) return 'refused';
    const name = `${log} ${id}`;
    const before = this.#edits.get(name) ?? 0;
    if (target.edits + before >= maxEdits) return 'spent';
    this.#edits.set(name, before + 1);
    return undefined;
  }
}
