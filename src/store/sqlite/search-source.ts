// Reads from the database what the index of what was said has to take: new runs, and runs whose texts were changed or
// removed. An edited message stands in the index with its newest text, under its own id; an edit does not.
import { wordsOf } from '../../text/words.js';
import type { LogId } from '../log.js';
import { nobodyKnown } from './author-runs.js';
import type { Database, Row } from './database.js';
import { Pace } from './pace.js';
import { prepareAll, type Prepared } from './prepared.js';
import { isDamagedPage, ReadableRuns, withoutDamage } from './readable-runs.js';
import { reading } from './reading.js';
import { wholeRunInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { lastRun } from './migrations/7-feed.js';
import { isIndexed, numberOf, type IdRange, type IndexChange, type IndexPosition } from './search-index.js';

/** From how many runs a step takes messages at most. */
const mostRuns = 1000;
/** How many messages a run is taken to have before any was read. */
const usualMessages = 16;
/** How many runs a look counts at most: about two milliseconds. */
const countedAtOnce = 4096;
/** How many noted changes a step looks at, and of how many messages at most, where it is more than one. */
const [changesAtOnce, changedMessages] = [512, 2048] as const;

const sql = {
  // Of one moment: nothing may have been removed between what two of these see.
  state: `SELECT ${lastRun} AS newest, (SELECT min(number) FROM searched_changes) AS change,
    (SELECT room FROM runs WHERE seq = ?1) AS room, (SELECT last FROM runs WHERE seq = ?1) AS last,
    (SELECT time FROM runs WHERE seq > ?1 ORDER BY seq LIMIT 1) AS time,
    (SELECT json_array(max(seq), sum(last - first + 1))
      FROM (SELECT seq, first, last FROM runs WHERE seq > ?2 ORDER BY seq LIMIT ${countedAtOnce})) AS counted`,
  numbers: `SELECT ${lastRun} AS newest, (SELECT min(number) FROM searched_changes) AS change`,
  changes: `SELECT number, room, first, last FROM searched_changes ORDER BY number LIMIT ${changesAtOnce}`,
  within: `SELECT q.key AS range, ${runColumns} FROM jsonb_each(?) q CROSS JOIN runs r ON r.room = q.value ->> 0
    AND r.first >= coalesce(
      (SELECT max(first) FROM runs WHERE room = q.value ->> 0 AND first <= q.value ->> 1), q.value ->> 1)
    AND r.first <= q.value ->> 2 AND r.last >= q.value ->> 1`,
  newestEdits: `SELECT q.value ->> 0 AS room, q.value ->> 1 AS id,
      (SELECT max(e.id) FROM edits e WHERE e.room = q.value ->> 0 AND e.about = q.value ->> 1) AS edit
    FROM json_each(?) q`,
  // Each run once, however many of its messages are asked for.
  having: `SELECT ${runColumns} FROM runs r WHERE (r.room, r.first) IN (SELECT q.value ->> 0,
      (SELECT max(first) FROM runs WHERE room = q.value ->> 0 AND first <= q.value ->> 1) FROM json_each(?) q)`,
} as const;

/** What the database has for an index at some position. */
export interface SourceState {
  /** The number of the newest run. */
  readonly newest: number;
  /** Whether texts were changed or removed. */
  readonly isChanged: boolean;
  /** The room and the last id of the run at the position, where it is there. */
  readonly at: { readonly room: number; readonly last: number } | undefined;
  /** When the first run behind the position was stored, in milliseconds since 1970; undefined where there is none. */
  readonly time: number | undefined;
  /** How many messages some runs behind another position have, and the number of the last of these runs. */
  readonly counted: { readonly seq: number; readonly messages: number } | undefined;
}

/** A message, by its room and its id. */
type Place = readonly [room: LogId, id: number];

/**
 * Reads for the index. Messages that are damaged are left out, as if they had no words: nobody is shown them, and the
 * others shall be found. Its methods reject with StoreFailure: an error of the database says nothing about the index.
 */
export class SearchSource {
  readonly #statements: Prepared<typeof sql>;
  readonly #readable: ReadableRuns;
  #messagesOfRun: number = usualMessages;

  private constructor(statements: Prepared<typeof sql>, readable: ReadableRuns) {
    this.#statements = statements;
    this.#readable = readable;
  }

  static async prepare(reader: Database): Promise<SearchSource> {
    const length = { isLong: true };
    return new SearchSource(await prepareAll(reader, sql, length), await ReadableRuns.prepare(reader, length));
  }

  /** @param seq the position of the index @param countFrom the run behind which messages are counted */
  async state(seq: number, countFrom: number): Promise<SourceState> {
    const [row] = await reading(() =>
      this.#statements.state.all(seq, countFrom).catch((error: unknown) => this.#besideDamage(seq, error)),
    );
    const { newest, change, room, last, time, counted } = row ?? {};
    const json = typeof counted === 'string' ? counted : '[]';
    const [upTo, messages] = JSON.parse(json) as readonly (number | null | undefined)[];
    return {
      newest: Number(newest),
      isChanged: change !== null,
      at: room === null ? undefined : { room: Number(room), last: Number(last) },
      time: time === null ? undefined : Number(time),
      counted: typeof upTo === 'number' && typeof messages === 'number' ? { seq: upTo, messages } : undefined,
    };
  }

  /** As `state`, without the rows at the position, which stand on a damaged page. */
  async #besideDamage(seq: number, error: unknown): Promise<readonly Row[]> {
    if (!isDamagedPage(error)) throw error;
    const rows = await this.#statements.numbers.all();
    return rows.map((row) => ({
      ...row,
      room: null,
      last: null,
      time: Number(row['newest']) > seq ? Date.now() : null,
    }));
  }

  /**
   * What comes behind a position; undefined where nothing does. It goes on behind a damaged page.
   * @param newest the number of the newest run
   * @param messages about how many it takes
   */
  after(
    position: Pick<IndexPosition, 'seq' | 'room' | 'last'>,
    newest: number,
    messages: number,
  ): Promise<(IndexChange & { readonly upTo: NonNullable<IndexChange['upTo']> }) | undefined> {
    return reading(() => this.#after(position, newest, messages));
  }

  async #after(
    { seq, room, last }: Pick<IndexPosition, 'seq' | 'room' | 'last'>,
    newest: number,
    messages: number,
  ): ReturnType<SearchSource['after']> {
    const mostHere = Math.max(1, Math.min(mostRuns, Math.floor(messages / this.#messagesOfRun)));
    const { rows, unreadable, upTo } = await this.#readable.behind(seq, newest, mostHere);
    if (upTo === undefined) return undefined;
    const entries = new Map<number, string>();
    const edited = new Map<string, Place>();
    const authors = new Map<number, number[]>();
    for (const number of unreadable) addTo(authors, nobodyKnown, number);
    const pace = new Pace();
    let added = 0;
    for (const row of rows) {
      added += Number(row['last']) - Number(row['first']) + 1;
      const run = await wholeRunInSteps(row, pace);
      if (run !== undefined) await collect(run, entries, edited, pace);
      for (const author of new Set(run?.columns.authors ?? [nobodyKnown])) addTo(authors, author, Number(row['seq']));
      await pace.giveWay();
    }
    if (added > 0) this.#messagesOfRun = added / rows.length;
    // By its newest run it is told that an index is of other data; a number without a row says nothing about that.
    const newestRow = rows.findLast((row) => row['seq'] === upTo) ?? { room, last };
    const at = { seq: upTo, room: Number(newestRow['room']), last: Number(newestRow['last']), added };
    return { ...(await this.#withCurrent(entries, edited, [])), authors, upTo: at };
  }

  /** What changed, and up to which number of a change that is; undefined for nothing. */
  changed(): Promise<(IndexChange & { readonly number: number }) | undefined> {
    return reading(() => this.#changed());
  }

  async #changed(): ReturnType<SearchSource['changed']> {
    const { number, ranges } = someRanges(await this.#statements.changes.all());
    if (ranges.length === 0) return undefined;
    // A text is taken away or stays as it was: what still has one stands in the index already, or will when it has
    // followed. But a message whose newest edit lost its text is shown with an earlier one.
    const kept = new Map<IdRange, Set<number>>(ranges.map((range) => [range, new Set()]));
    const places = new Map<string, Place>();
    const pace = new Pace();
    for (const [row, range] of await this.#within(ranges)) {
      const run = await wholeRunInSteps(row, pace);
      if (run !== undefined) addChanged(run, range, kept.get(range), places);
      await pace.giveWay();
    }
    const removed = ranges.flatMap((range) => withoutIds(range, kept.get(range)));
    return { ...(await this.#withCurrent(new Map(), places, removed)), number };
  }

  /** The runs with messages of these ranges, without those on a damaged page. */
  async #within(ranges: readonly IdRange[]): Promise<readonly (readonly [Row, IdRange])[]> {
    const { found } = await withoutDamage(ranges, async (some) => {
      const rows = await this.#statements.within.all(
        JSON.stringify(some.map(({ room, first, last }) => [room, first, last])),
      );
      return rows.flatMap((row) => {
        const range = some[Number(row['range'])];
        return range === undefined ? [] : [[row, range] as const];
      });
    });
    return found;
  }

  /** Puts these messages into the entries as they are now, or among what is removed. */
  async #withCurrent(
    entries: Map<number, string>,
    places: ReadonlyMap<string, Place>,
    removed: readonly IdRange[],
  ): Promise<IndexChange> {
    if (places.size === 0) return { entries, removed };
    const newest = await this.#statements.newestEdits.all(JSON.stringify([...places.values()]));
    const shown = newest.map(({ room, id, edit }): readonly [Place, Place] => [
      [Number(room), Number(id)],
      [Number(room), Number(edit ?? id)],
    ]);
    const { texts, reactions } = await this.#textsOf(shown.flat());
    const gone: IdRange[] = [];
    for (const [[room, id], place] of shown) {
      // An edit does not make a reaction a message that is searched.
      const json = reactions.has(nameOf([room, id])) ? undefined : texts.get(nameOf(place));
      const isRemoved = removed.some((range) => range.room === room && range.first <= id && id <= range.last);
      if (json !== undefined) entries.set(numberOf(room, id), json);
      else if (entries.delete(numberOf(room, id)) || !isRemoved) gone.push({ room, first: id, last: id });
    }
    return { entries, removed: [...removed, ...gone] };
  }

  /**
   * The texts of messages as JSON strings, by `nameOf`, and which messages are reactions. Those that have no words have
   * no text.
   */
  async #textsOf(
    places: readonly Place[],
  ): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly reactions: ReadonlySet<string> }> {
    const wanted = new Set(places.map(nameOf));
    const texts = new Map<string, string>();
    const reactions = new Set<string>();
    const pace = new Pace();
    const having = (some: readonly Place[]): Promise<readonly Row[]> =>
      this.#statements.having.all(JSON.stringify(some));
    for (const row of (await withoutDamage(places, having)).found) {
      const run = await wholeRunInSteps(row, pace);
      for (let at = 0; run !== undefined && at < run.count; at += 1) {
        const name = nameOf([run.room, run.first + at]);
        if (!wanted.has(name)) continue;
        if (run.columns.kinds[at] === 'reaction') reactions.add(name);
        const json = searchedText(run, at);
        if (json !== undefined) texts.set(name, json);
      }
      await pace.giveWay();
    }
    return { texts, reactions };
  }
}

/** The ranges of the first changes, each once, and the number of the last of these changes. */
function someRanges(rows: readonly Row[]): { readonly number: number; readonly ranges: readonly IdRange[] } {
  const ranges = new Map<string, IdRange>();
  let [number, messages] = [0, 0];
  for (const row of rows) {
    const range = { room: Number(row['room']), first: Number(row['first']), last: Number(row['last']) };
    const name = `${range.room} ${range.first} ${range.last}`;
    if (!ranges.has(name)) messages += range.last - range.first + 1;
    if (ranges.size > 0 && messages > changedMessages) break;
    ranges.set(name, range);
    number = Number(row['number']);
  }
  return { number, ranges: [...ranges.values()] };
}

function addTo(authors: Map<number, number[]>, author: number, run: number): void {
  const runs = authors.get(author);
  if (runs === undefined) authors.set(author, [run]);
  else runs.push(run);
}

function nameOf([room, id]: Place): string {
  return `${room} ${id}`;
}

function addPlace(places: Map<string, Place>, place: Place): void {
  if (isIndexed(...place)) places.set(nameOf(place), place);
}

/**
 * Adds the messages of a range that a run has: to `kept` those that have their texts, and to `places` those whose edits
 * have lost them.
 */
function addChanged(
  { room, first, columns }: Run,
  range: IdRange,
  kept: Set<number> | undefined,
  places: Map<string, Place>,
): void {
  for (const [at, kind] of columns.kinds.entries()) {
    const id = first + at;
    if (id < range.first || id > range.last) continue;
    if (columns.begins[at] !== columns.ends[at]) kept?.add(id);
    else if (kind === 'edit') addPlace(places, [room, columns.about[at] ?? 0]);
  }
}

/** The parts of a range between the ids that are kept. */
function withoutIds({ room, first, last }: IdRange, kept: ReadonlySet<number> = new Set()): readonly IdRange[] {
  const parts: IdRange[] = [];
  let from = first;
  for (const id of [...[...kept].sort((one, other) => one - other), last + 1]) {
    if (id > from) parts.push({ room, first: from, last: id - 1 });
    from = id + 1;
  }
  return parts;
}

/** Adds the entries of a run, and the messages that its edits are about. */
async function collect(run: Run, entries: Map<number, string>, edited: Map<string, Place>, pace: Pace): Promise<void> {
  const { room, first, columns } = run;
  if (!isIndexed(room, first)) return;
  for (const [at, kind] of columns.kinds.entries()) {
    if (kind === 'edit') addPlace(edited, [room, columns.about[at] ?? 0]);
    else if (kind !== 'reaction' && isIndexed(room, first + at)) {
      const json = searchedText(run, at);
      if (json !== undefined) entries.set(numberOf(room, first + at), json);
      // A text may be long, and have other letters than English ones.
      await pace.giveWay();
    }
  }
}

/** Characters that stand for themselves in JSON and in the index. */
const plain = /^[ -~]*$/;
/** A word that is longer than one can be. It is looked for apart: with an alternative that takes ten times as long. */
const longWord = /[0-9A-Za-z]{65}/;

/** Whether the index splits and folds the text as `wordsOf` does: in another thread. */
function isPlain(json: string): boolean {
  return plain.test(json) && !json.includes('\\u') && !longWord.test(json);
}

/** The words of a message, as a JSON string; undefined for none. */
function searchedText({ bytes, columns }: Run, at: number): string | undefined {
  const [begin = 0, end = 0] = [columns.begins[at], columns.ends[at]];
  if (begin === end) return undefined;
  const json = bytes.toString('latin1', begin, end);
  if (isPlain(json)) return `"${json}"`;
  const words = wordsOf(JSON.parse(`"${bytes.toString('utf8', begin, end)}"`) as string);
  return words.length === 0 ? undefined : JSON.stringify(words.join(' '));
}
