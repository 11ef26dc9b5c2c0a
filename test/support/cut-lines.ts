// Says what is wrong with a line that was cut to a session's `max_line` (PROTOCOL.md §8.3), for properties of the
// forms: what was sent is compared with what was read.
import type { MemberSpec } from '../../tools/protocol-files.js';
import type { Members } from '../../tools/server-line.js';

/** A line that was cut, or was not. */
export interface CutLine {
  readonly specs: readonly MemberSpec[];
  /** What was to be said. */
  readonly sent: Members;
  /** What was read. */
  readonly got: Members;
  /** Whether names may be cut too, where no text is left. */
  readonly cutsNames: boolean;
  /** Whether a line with these members, and so many bytes more, would be too long. */
  readonly isTooLong: (members: Members, spare: number) => boolean;
}

/** A text that may be cut. */
const isText = ({ type, values }: MemberSpec): boolean => type === 'string' && values === undefined;
const isName = ({ type }: MemberSpec): boolean => type === 'name' || type === 'author' || type === 'actor';

/** A member that is a text; empty where it is absent. */
export function textIn(members: Members, name: string): string {
  const text = members[name];
  return typeof text === 'string' ? text : '';
}

/** A sentence about the first thing that is wrong; undefined where nothing is. */
export function cutProblem(line: CutLine): string | undefined {
  const { specs, sent, got } = line;
  const list = specs.find((spec) => spec.type === 'list' && listIn(sent, spec).length > 0);
  const marks = new Set(['more', 'cut', ...(list === undefined ? [] : [list.name])]);
  const other = specs.find((spec) => !marks.has(spec.name) && !isCuttable(spec, line) && !isSame(sent, got, spec.name));
  if (other !== undefined) return `${other.name} is another`;
  // Where all items turn out to have room, the bytes of `"more":true` are left.
  const spare = list === undefined ? 0 : 16;
  return problemOfMarks(line, list) ?? problemOfTexts(line, spare) ?? problemOfList(line, list);
}

function isCuttable(spec: MemberSpec, { cutsNames }: CutLine): boolean {
  return isText(spec) || (cutsNames && isName(spec));
}

function isSame(sent: Members, got: Members, name: string): boolean {
  return JSON.stringify(sent[name]) === JSON.stringify(got[name]);
}

/** `cut` and `more` stand where something is missing, and nowhere else. */
function problemOfMarks({ specs, sent, got }: CutLine, list: MemberSpec | undefined): string | undefined {
  const [message, whole] = [got['message'], sent['message']];
  const isPiece = 'offset' in sent;
  if (specs.some(({ name }) => name === 'cut')) {
    const isCut = message !== whole && whole !== undefined && whole !== '';
    const bytes = isCut ? Buffer.byteLength(textIn(sent, 'message')) : undefined;
    if (got['cut'] !== bytes) return `cut is ${String(got['cut'])}, not ${bytes}`;
  } else if ('cut' in got) return 'cut is there';
  const lacks = isPiece
    ? message !== whole
    : list !== undefined && listIn(got, list).length < listIn(sent, list).length;
  if (got['more'] !== (lacks ? true : sent['more'])) return `more is ${String(got['more'])} where ${lacks} is right`;
  return undefined;
}

const listIn = (members: Members, { name }: MemberSpec): readonly unknown[] =>
  (members[name] ?? []) as readonly unknown[];

/** Texts are cut between two characters, the last one first, and no more than needed. */
function problemOfTexts(line: CutLine, spare: number): string | undefined {
  const { specs, sent, got, cutsNames, isTooLong } = line;
  const texts = specs.filter(isText).toReversed();
  const inOrder = [...texts, ...(cutsNames ? specs.filter(isName).toReversed() : [])].map(({ name }) => name);
  const cut = inOrder.filter((name) => textIn(sent, name) !== textIn(got, name));
  const last = cut.at(-1);
  if (last === undefined) return undefined;
  const before = inOrder.slice(0, inOrder.indexOf(last)).filter((name) => textIn(got, name) !== '');
  if (before.length > 0) return `${last} is cut before ${before.join(' and ')}`;
  const [whole, beginning] = [textIn(sent, last), textIn(got, last)];
  if (!whole.startsWith(beginning)) return `${last} is no beginning`;
  if (splitsCharacter(whole, beginning.length)) return `${last} is cut within a character`;
  return isTooLong({ ...got, [last]: nextBeginning(whole, beginning) }, spare)
    ? undefined
    : `${last} is cut more than needed`;
}

function splitsCharacter(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}

/** The beginning with one character more. */
function nextBeginning(whole: string, beginning: string): string {
  return beginning + String.fromCodePoint(whole.codePointAt(beginning.length) ?? 0);
}

/** A list keeps its first items whole, as many as fit. An only item may be cut. */
function problemOfList(line: CutLine, list: MemberSpec | undefined): string | undefined {
  if (list === undefined) return undefined;
  const { sent, got, isTooLong } = line;
  const [all, some] = [listIn(sent, list), listIn(got, list)];
  if (some.length > all.length) return 'items come from nowhere';
  const differs = some.findIndex((item, place) => JSON.stringify(item) !== JSON.stringify(all[place]));
  if (differs !== -1) {
    if (differs > 0 || some.length > 1 || typeof list.of !== 'object') return `item ${differs} is another`;
    const within = (item: Members): Members => ({ ...got, [list.name]: [item] });
    const [item, whole] = [some[0], all[0]] as readonly [Members, Members];
    const ofItem = { specs: list.of, sent: whole, got: item, cutsNames: true };
    return cutProblem({ ...ofItem, isTooLong: (members, spare) => isTooLong(within(members), spare) });
  }
  if (some.length === all.length) return undefined;
  const members = { ...got, [list.name]: [...some, all[some.length]] };
  // At most the difference between `"more":true` and no `more`, which is there with all items.
  return isTooLong(members, 16) ? undefined : `${list.name} has room for another item`;
}
