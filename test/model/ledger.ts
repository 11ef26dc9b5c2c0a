// What is known of the messages of one room or private conversation, from all that any session was answered or shown.
import assert from 'node:assert/strict';
import type { Members } from '../../tools/server-line.js';

/** A message, as far as it is known. */
export interface Said {
  readonly author: string;
  /** Undefined where only its deleted form was shown. */
  readonly text?: string;
  /** Absent for a plain text. */
  readonly kind?: string;
  readonly re?: number;
}

/** Counts what happens, so that one can tell what came before what. */
let ticks = 0;

/** The next number: greater than all before. */
export function tick(): number {
  return (ticks += 1);
}

/** The messages of one log. */
export class Ledger {
  readonly known = new Map<number, Said>();
  /** The ids of texts that were answered 1. */
  readonly answered = new Map<string, number>();
  /** Texts that were refused: nobody may ever be shown one. */
  readonly refused = new Set<string>();
  /** Texts that were sent by a connection that was torn down: they may be there or not. */
  readonly unanswered = new Set<string>();
  /** Texts that were sent with a key, and the newest id of each that is known, 0 for none. */
  readonly repeatable = new Map<string, number>();
  /** The message of this id must be trimmed: its key was free again. */
  #freed = 0;
  /** All up to this id are known to be trimmed. */
  floor = 0;
  /** All up to this id were left out of what somebody read. */
  missing = 0;
  /** When the deletion of a message was known, by id. */
  readonly #deleted = new Map<number, number>();

  /** @param name for messages of failures */
  constructor(readonly name: string) {}

  /** A session read the answer to a deletion, or its event. */
  deleted(id: number): void {
    if (!this.#deleted.has(id)) this.#deleted.set(id, tick());
  }

  get deletions(): readonly number[] {
    return [...this.#deleted.keys()];
  }

  /** Whether a request of that tick must find the message deleted: itself, or the message that it edits. */
  isDeleted(id: number, before = Infinity): boolean {
    const { kind, re = 0 } = this.known.get(id) ?? {};
    const at = (of: number): number => this.#deleted.get(of) ?? Infinity;
    return at(id) < before || (kind === 'edit' && at(re) < before);
  }

  /** The newest edit of a message that counts. */
  editOf(id: number): number | undefined {
    const edits = [...this.known].filter(([, { kind, re }]) => kind === 'edit' && re === id);
    return edits
      .map(([edit]) => edit)
      .filter((edit) => !this.isDeleted(edit))
      .sort((a, b) => b - a)[0];
  }

  /** A message was answered 1: these words have that id. */
  stored(id: number, said: Required<Pick<Said, 'text'>> & Said): void {
    const before = this.answered.get(said.text);
    const isRepeatable = before === undefined || this.repeatable.has(said.text);
    assert.ok(isRepeatable, `${this.name}: "${said.text}" is stored twice`);
    this.answered.set(said.text, Math.max(id, before ?? 0));
    this.#note(id, said);
  }

  /** A line of a message was read. Answers whether it had a text. */
  shown(id: number, author: string, { message, kind, re, deleted }: Members): boolean {
    const text = typeof message === 'string' ? message : undefined;
    assert.equal(text === undefined, deleted === true, `${this.name} ${id} has either a text or is deleted`);
    assert.ok(
      text === undefined || !this.refused.has(text),
      `${this.name} ${id}: a refused message is shown: "${text}"`,
    );
    this.#note(id, {
      author,
      ...(text === undefined ? {} : { text }),
      ...(typeof kind === 'string' ? { kind } : {}),
      ...(typeof re === 'number' ? { re } : {}),
    });
    return text !== undefined;
  }

  /** The key of that message was free again: in the end it must be trimmed. */
  freed(id: number): void {
    this.#freed = Math.max(this.#freed, id);
  }

  #note(id: number, said: Said): void {
    const other = this.repeatable.get(said.text ?? '');
    if (other !== undefined && said.text !== undefined) {
      // The same text twice: there was a time in which the first one's key was free.
      if (other > 0 && other !== id) this.freed(Math.min(id, other));
      this.repeatable.set(said.text, Math.max(id, other));
    }
    const before = this.known.get(id);
    if (before !== undefined) {
      const { text = said.text, ...others } = before;
      assert.deepEqual({ text: said.text ?? text, ...others }, { text, ...withoutText(said) }, `${this.name} ${id}`);
    }
    this.known.set(id, { ...before, ...said });
  }

  /**
   * Holds all that is kept, as a reader was shown it in the end, against what is known.
   * @param lines the messages from the first kept one on, by id
   * @param isAlone whether nobody but the sessions of the scenario writes
   */
  check(lines: readonly Members[], last: number, isAlone: boolean): void {
    for (const { id: number, deleted, edited, message } of lines) {
      const id = Number(number);
      assert.equal(deleted === true, this.isDeleted(id), `${this.name} ${id} is deleted, or is not`);
      assert.equal(edited, deleted === true ? undefined : this.editOf(id), `${this.name} ${id}: its newest edit`);
      if (typeof message !== 'string') continue;
      const isAnswered = this.answered.get(message) === id || this.unanswered.has(message);
      assert.ok(isAnswered || !isAlone || this.known.get(id)?.kind === 'notice', `${this.name} ${id} was not answered`);
    }
    const ids = new Set(lines.map(({ id }) => Number(id)));
    for (const [text, id] of this.answered)
      assert.ok(id <= this.floor || ids.has(id), `${this.name} ${id} "${text}" was answered 1 and is not there`);
    for (const id of this.known.keys()) assert.ok(id <= last, `${this.name} ${id} was shown and is not there`);
    assert.ok(this.#freed <= this.floor, `${this.name} ${this.#freed} is not trimmed, and its key was not known`);
    assert.ok(this.missing <= this.floor, `${this.name} ${this.missing} was left out and not trimmed`);
  }
}

function withoutText({ author, kind, re }: Said): Omit<Said, 'text'> {
  return { author, ...(kind === undefined ? {} : { kind }), ...(re === undefined ? {} : { re }) };
}
