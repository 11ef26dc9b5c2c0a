// The form `text` (PROTOCOL.md §8.2): after the code one sentence for a person, in the session's language. The
// sentences are templates in protocol/words/ (protocol/README.md).
import type { Column, Members } from './columns.js';
import { shownText } from './escapes.js';
import { eventColumns, resultColumns } from './generated/columns.js';
import { phrases, type Phrases } from './generated/phrases.js';
import { eventCodes, type LineWriter } from './line-form.js';
import type { Language } from './words.js';

/** A part of a sentence: words with `{members}` among them. */
interface Segment {
  /** The member without which the part is left out, or with which. Undefined where it always stands. */
  readonly condition: { readonly member: string; readonly isThere: boolean } | undefined;
  /** At odd places stand names of members. */
  readonly pieces: readonly string[];
}

const parsed = new Map<string, readonly Segment[]>();

/**
 * Reads a template: `{name}` is a member. `[name?words]` stands only where that member is there, and is neither empty
 * nor false nor 0; `[!name?words]` only where it is not.
 */
function segmentsOf(template: string): readonly Segment[] {
  let segments = parsed.get(template);
  if (segments === undefined) {
    segments = template.split(/(\[!?\w+\?[^\]]*\])/).map((part) => {
      const [, not, member, words = ''] = /^\[(!?)(\w+)\?([^\]]*)\]$/.exec(part) ?? [];
      if (member === undefined) return { condition: undefined, pieces: part.split(/\{(\w+)\}/) };
      return { condition: { member, isThere: not === '' }, pieces: words.split(/\{(\w+)\}/) };
    });
    parsed.set(template, segments);
  }
  return segments;
}

/** Fills a template in. @param show writes a member */
function fill(template: string, members: Members, show: (name: string) => string): string {
  let sentence = '';
  for (const { condition, pieces } of segmentsOf(template)) {
    if (condition !== undefined && isNothing(members[condition.member]) === condition.isThere) continue;
    for (const [place, piece] of pieces.entries()) sentence += place % 2 === 0 ? piece : show(piece);
  }
  return sentence;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === false || value === 0 || isEmptyList(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The events that are of this moment. */
const present: ReadonlySet<string> = new Set(['message', 'direct_message', 'alive']);

/** `12:00` for what happens now, `2026-11-22 12:00` for anything else. Times are UTC. */
function shownTime(time: string, isNow: boolean): string {
  return isNow ? time.slice(11, 16) : time.slice(0, 16).replace('T', ' ');
}

/** Milliseconds, rounded up to what a person waits: whoever comes back then does not come too early. */
function shownWait(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

/** The sentences of events or of replies, in one language. */
class Sentences {
  readonly #templates: Phrases['events'];
  readonly #values: Phrases['values'];

  constructor(templates: Phrases['events'], values: Phrases['values']) {
    this.#templates = templates;
    this.#values = values;
  }

  /** The sentence for these members. @param name that of the event or the command */
  of(name: string, members: Members, columns: readonly Column[]): string {
    const variant = members['deleted'] === true ? 'deleted' : String(members['kind']);
    const template = this.#templates[`${name}.${variant}`] ?? this.#templates[name];
    return this.#fill(template, name, members, columns);
  }

  #fill(template: string | undefined, place: string, members: Members, columns: readonly Column[]): string {
    return fill(template ?? '', members, (member) => {
      const column = columns.find((each) => each.name === member);
      return this.#show(place, member, members[member], column);
    });
  }

  /** @param place the name of the reply or the event, or the list in it, of which it is a member */
  #show(place: string, member: string, value: unknown, column: Column | undefined): string {
    if (value === undefined || value === null) return '';
    const inner = (item: unknown): string => this.#inner(`${place}.${member}`, item, column?.of ?? []);
    if (Array.isArray(value)) return value.map(inner).join(column?.of === undefined ? ', ' : this.#values['separator']);
    if (typeof value === 'object') return inner(value);
    if (member === 'retry_after') return shownWait(Number(value));
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    if (column?.kind === 'time') return shownTime(text, present.has(place));
    // A text is what somebody has written. No name of a user has a space, as "the operator" has.
    const word = column?.kind === 'text' ? undefined : this.#values[`${member}.${text}`];
    return word ?? (column?.kind === 'word' ? this.#values[text] : undefined) ?? shownText(text);
  }

  /** An item of a list, or an object. */
  #inner(place: string, item: unknown, columns: readonly Column[]): string {
    if (typeof item !== 'object' || item === null) return shownText(String(item));
    return this.#fill(this.#templates[place], place, item as Members, columns);
  }
}

/** The form `text` in a language. It shows no `ref`: no program reads it. */
export function textForm(language: Language): LineWriter {
  const { events, replies, values } = phrases[language];
  const ofEvents = new Sentences(events, values);
  const ofReplies = new Sentences(replies, values);
  return {
    event: (name, members) => `${eventCodes[name]}\t${ofEvents.of(name, members, eventColumns[name] ?? [])}\n`,
    success: (command, _ref, results) => `1\t${ofReplies.of(command, results, resultColumns[command] ?? [])}\n`,
    refusal: ({ code, error, field, retry_after }) =>
      `${code}\t${ofReplies.of('refusal', { error, field, retry_after }, [])}\n`,
  };
}
