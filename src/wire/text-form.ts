// The form `text` (PROTOCOL.md §8.2): after the code one sentence for a person, in the session's language. The
// sentences are templates in protocol/words/.
import type { Column, Members } from './columns.js';
import { shownText } from './escapes.js';
import { eventColumns, resultColumns } from './generated/columns.js';
import { eventCodes, type LineWriter } from './line-form.js';
import { phrases, type Phrases } from './phrases.js';
import type { Language } from './words.js';

/** A part of a sentence: words with `{members}` among them, which stand only where the member `needs` does. */
interface Segment {
  readonly needs: string | undefined;
  readonly pieces: readonly string[];
}

const parsed = new Map<string, readonly Segment[]>();

/**
 * Reads a template: `{name}` is a member, and `[name? words]` stands only where that member is there, and is neither
 * empty nor false nor 0. At odd places of `pieces` stand names of members.
 */
function segmentsOf(template: string): readonly Segment[] {
  let segments = parsed.get(template);
  if (segments === undefined) {
    segments = template.split(/(\[\w+\?[^\]]*\])/).map((part) => {
      const [, needs, words] = /^\[(\w+)\? ?([^\]]*)\]$/.exec(part) ?? [];
      return { needs, pieces: (words ?? part).split(/\{(\w+)\}/) };
    });
    parsed.set(template, segments);
  }
  return segments;
}

/** Fills a template in. @param show writes a member */
function fill(template: string, members: Members, show: (name: string) => string): string {
  let sentence = '';
  for (const { needs, pieces } of segmentsOf(template)) {
    if (needs !== undefined && isNothing(members[needs])) continue;
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

/** `12:00` for what happens now, `2026-11-22 12:00` for anything else. Times are UTC. */
function shownTime(time: string, isNow: boolean): string {
  return isNow ? time.slice(11, 16) : time.slice(0, 16).replace('T', ' ');
}

/** The sentences of one language. */
class Sentences {
  readonly #phrases: Phrases;

  constructor(language: Language) {
    this.#phrases = phrases[language];
  }

  /** The sentence for these members. @param name that of the event or the command */
  of(name: string, members: Members, columns: readonly Column[]): string {
    const { lines } = this.#phrases;
    const variant = members['deleted'] === true ? 'deleted' : String(members['kind']);
    const template = lines[`${name}.${variant}`] ?? lines[name] ?? '';
    const isNow = name === 'message' || name === 'direct_message' || name === 'alive';
    return fill(template, members, (member) => {
      const column = columns.find((each) => each.name === member);
      return this.#show(`${name}.${member}`, members[member], column, isNow);
    });
  }

  #show(place: string, value: unknown, column: Column | undefined, isNow = false): string {
    if (value === undefined || value === null) return '';
    if (Array.isArray(value)) return value.map((item) => this.#item(place, item, column)).join(', ');
    if (typeof value === 'object')
      return Object.entries(value)
        .map(([name, each]) => `${name} ${String(each)}`)
        .join(', ');
    const text = String(value);
    if (column?.kind === 'time') return shownTime(text, isNow);
    return column?.kind === 'word' ? (this.#phrases.values[text] ?? text) : shownText(text);
  }

  #item(place: string, item: unknown, column: Column | undefined): string {
    if (typeof item !== 'object' || item === null) return shownText(String(item));
    const members = item as Members;
    return fill(this.#phrases.lines[place] ?? '', members, (member) =>
      this.#show(
        `${place}.${member}`,
        members[member],
        column?.of?.find((each) => each.name === member),
      ),
    );
  }
}

/** The form `text` in a language. It shows no `ref`: no program reads it. */
export function textForm(language: Language): LineWriter {
  const sentences = new Sentences(language);
  return {
    event: (name, members) => `${eventCodes[name]}\t${sentences.of(name, members, eventColumns[name] ?? [])}\n`,
    success: (command, _ref, results) => `1\t${sentences.of(command, results, resultColumns[command] ?? [])}\n`,
    refusal: ({ code, error }) => `${code}\t${shownText(error)}\n`,
  };
}
