// Decides which messages of a batch are stored: first by their keys (PROTOCOL.md §5.3), then by what they are about
// (PROTOCOL.md §4.6). Pure.
import type { Batch } from './committer.js';
import { countCharacters } from '../text/characters.js';
import { maxEdits, maxReaction, type KeyedMessage, type Kind, type LogId, type Outcome, type UserId } from './log.js';
import { StoreFailure } from './store.js';
import { isSameText, textAt, type Texts } from './texts.js';

/** The messages that are stored under known keys, or why that can't be read, by the places of the batch's messages. */
export type KnownKeys = ReadonlyMap<number, KeyedMessage | StoreFailure>;

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

/** What to do with a message. `id` is there where a message was stored before it with its key. */
export interface Judged {
  readonly outcome: Outcome;
  readonly id?: number | undefined;
}

/** Judges the messages of one batch, one after the other. */
export class Judge {
  readonly #batch: Batch;
  readonly #headOf: (log: LogId) => number;
  readonly #known: KnownKeys;
  readonly #referred: Referred;
  /** The places of the keyed messages of the batch that are to be stored, by log, author and key. */
  readonly #firsts = new Map<string, number>();
  /** How many edits of a message are to be stored, by its log and id. */
  readonly #edits = new Map<string, number>();

  /**
   * @param headOf the id of the newest stored message of a log, 0 for none
   * @param known what is stored under the keys of the batch
   * @param referred what messages of the batch are about
   */
  constructor(batch: Batch, headOf: (log: LogId) => number, known: KnownKeys, referred: Referred) {
    this.#batch = batch;
    this.#headOf = headOf;
    this.#known = known;
    this.#referred = referred;
  }

  /**
   * Judges the message at `place`, once those before it are judged. Answers a StoreFailure where the store can't read
   * what that takes.
   * @param ids of the messages before it
   */
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
    // The text of an edit takes the place of the reaction's, so it may not be longer (PROTOCOL.md §4.6).
    if (target.kind === 'reaction' && isLongerThan(maxReaction, this.#batch.texts, place)) return 'long';
    const name = `${log} ${id}`;
    const before = this.#edits.get(name) ?? 0;
    if (target.edits + before >= maxEdits) return 'spent';
    this.#edits.set(name, before + 1);
    return undefined;
  }
}

/** Whether the text at `place` has more than `most` characters. */
function isLongerThan(most: number, texts: Texts, place: number): boolean {
  return countCharacters(JSON.parse(`"${textAt(texts, place)}"`) as string, most) > most;
}
