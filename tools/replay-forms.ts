// How the replayer reads a server's lines in each form (PROTOCOL.md §8.2), and which dialogues can be replayed in it.
import { isUtf8 } from 'node:buffer';
import type { Values } from './dialogue.js';
import type { MemberSpec, ProtocolFiles } from './protocol-files.js';
import { parseServerLine, problemOfServerLine, type LineCheck, type Members, type ServerLine } from './server-line.js';
import { refOf, tsvReader } from './tsv-line.js';

/** The forms of lines. */
export const formNames = ['json', 'tsv', 'text'] as const;

/** One of them. */
export type FormName = (typeof formNames)[number];

/** A form, as the replayer reads it. */
export interface ReplayForm {
  readonly name: FormName;
  /** Reads a line, given without its LF. Returns a sentence if it breaks a rule. */
  read(line: Buffer): ServerLine | string;
  /** Compares what was expected with what was read. Returns a sentence about the first difference. */
  difference(values: Values, expected: Members, line: ServerLine): string | undefined;
  /** Whether a dialogue need not expect an event of that code. */
  isExtra(code: number): boolean;
}

/** The forms in which a dialogue can be replayed: all, unless its header names some. */
export function formsOf(dialogue: string): readonly FormName[] {
  const [, names] = /^# forms: ([a-z, ]+) – /m.exec(dialogue) ?? [];
  return names === undefined ? formNames : formNames.filter((name) => names.split(', ').includes(name));
}

/** Reads `json`. Without a check, lines have to keep the rules of all lines only. */
export function jsonForm(problemOf?: LineCheck): ReplayForm {
  return {
    name: 'json',
    read: (line) => parseServerLine(line, problemOf),
    difference: (values, expected, { members }) => values.difference(expected, members),
    isExtra: () => false,
  };
}

/** A code, one TAB, and what must not stand in a line. */
const anyLine = /^([1-9]\d{0,2})\t[^\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]*$/;

/**
 * Reads `tsv` or `text`. A session of theirs speaks the second edition, so what a dialogue of the first does not expect
 * may come: events and members that are new.
 */
export function otherForm(name: 'tsv' | 'text', files: ProtocolFiles, problemOf?: LineCheck): ReplayForm {
  const newEvents = new Set(files.events.filter(({ edition }) => edition === 2).map(({ code }) => code));
  const readTsv = tsvReader(files);
  const readText = (text: string): ServerLine => ({ code: Number.parseInt(text, 10), members: {} });
  return {
    name,
    read: (bytes) => {
      const text = bytes.toString();
      if (!isUtf8(bytes) || !anyLine.test(text)) return 'not a code, a tab and one line in UTF-8';
      if (name === 'text') return readText(text);
      const line = readTsv(text);
      return typeof line === 'string' ? line : (problemOfServerLine(line, problemOf) ?? line);
    },
    difference: (values, expected, line) => {
      if (name === 'text') return undefined;
      const members = withoutNew(line.members, expected, newMembersOf(files, line));
      return values.difference(asTsvTells(expected, members), members);
    },
    isExtra: (code) => newEvents.has(code),
  };
}

function newMembersOf({ commands, events }: ProtocolFiles, { code, members }: ServerLine): ReadonlySet<string> {
  const specs: readonly MemberSpec[] =
    code >= 100
      ? (events.find((event) => event.code === code)?.members ?? [])
      : (commands.find(({ name }) => name === members['command'])?.results ?? []);
  return new Set(specs.filter(({ edition }) => edition === 2).map(({ name }) => name));
}

function withoutNew(members: Members, expected: Members, isNew: ReadonlySet<string>): Members {
  return Object.fromEntries(
    Object.entries(members).filter(([name]) => !isNew.has(name) || Object.hasOwn(expected, name)),
  );
}

/** `tsv` does not tell a `ref` of digits from an integer, and nothing that is empty from what is absent. */
function asTsvTells(expected: Members, read: Members): Members {
  const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);
  const told = Object.entries(expected).filter(([name, value]) => !isEmpty(value) || Object.hasOwn(read, name));
  return Object.fromEntries(
    told.map(([name, value]) => [name, name === 'ref' && /^-?\d/.test(String(value)) ? refOf(String(value)) : value]),
  );
}
