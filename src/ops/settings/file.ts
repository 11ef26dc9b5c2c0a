// The settings file: TOML with flat keys. Every complaint is one line that begins with the file's name and the line at fault.

import { parse } from 'smol-toml';
import type { TomlError } from 'smol-toml';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { entryLine, statements } from './lines.js';
import type { Statement } from './lines.js';
import { settingKeys, isKey } from './table.js';
import type { ReadText } from './text-file.js';

// An integer too long for a number is a wrong value, not a wrong document.
const PARSING = { integersAsBigInt: 'asNeeded' } as const;

// All of a broken statement that gives a key a value without quotes or brackets.
const UNQUOTED = /^[\w-]+[ \t]*=[ \t]*([^\s"'#[{=][^\s"'#]*)[ \t]*(?:#.*)?$/;

/** Reads the file into `findings`. One that cannot be read, or is no TOML, is one complaint. */
export function readSettingsFile(path: string, findings: Findings, readText: ReadText): void {
  const read = readText(path);
  if (read.ok) readDocument(path, read.text, findings);
  else complain(findings, `${path}: ${read.problem}`);
}

function readDocument(path: string, text: string, findings: Findings): void {
  try {
    parse(text, PARSING);
  } catch (error) {
    // smol-toml throws nothing else.
    complain(findings, `${path}:${syntaxProblem(error as TomlError, text)}`);
    return;
  }
  // The document is whole; each statement is read again by itself, for its line's sake.
  let inTable = false;
  for (const statement of statements(text)) {
    const header = statement.text.startsWith('[');
    // No setting has tables, so its header is complained about, or the setting it names; what is inside is not ours.
    if (inTable && !header) continue;
    inTable = header;
    for (const [name, value] of Object.entries(parse(statement.text, PARSING))) {
      takeMember(path, statement, name, value, findings);
    }
  }
}

function takeMember(path: string, statement: Statement, name: string, value: unknown, findings: Findings): void {
  if (isKey(name)) {
    const line = (entry: number | undefined): number =>
      entry === undefined ? statement.line : entryLine(statement, entry);
    take(findings, name, value, (entry) => `${path}:${line(entry)}: ${name}`);
  } else {
    const meant = suggestion(name, settingKeys, (key) => `"${key}"`);
    complain(findings, `${path}:${statement.line}: unknown key "${name}"${meant}`);
  }
}

// "12: what is wrong". The parser's line is where it gave up; for a value that was never closed that is far below its beginning.
function syntaxProblem(error: TomlError, text: string): string {
  const line = Math.min(error.line, text.trimEnd().split('\n').length);
  const reason = error.message.replace(/^Invalid TOML document: /, '').replace(/\n[^]*/, '');
  const statement = statements(text)
    .filter((one) => one.line <= line)
    .at(-1);
  if (statement === undefined) return `${line}: ${reason}`;
  const key = keyOf(statement.text);
  if (key !== undefined) {
    // Whole in itself: the parser minds a second time, or something behind it, a comment say.
    const first = firstLineOf(key, text);
    return first < statement.line ? `${line}: duplicate key "${key}" (first on line ${first})` : `${line}: ${reason}`;
  }
  // The commonest slip, for which the parser has other words with every first letter (`inf` is a number).
  const bare = UNQUOTED.exec(statement.text)?.[1];
  if (bare !== undefined && keyOf(`a = ${bare}`) === undefined) {
    return `${line}: ${bare} is not a value (a string stands in quotes)`;
  }
  return `${line}: ${reason}${statement.line < line ? ` (in what begins on line ${statement.line})` : ''}`;
}

function firstLineOf(key: string, text: string): number {
  return Math.min(
    ...statements(text)
      .filter((statement) => keyOf(statement.text) === key)
      .map(({ line }) => line),
  );
}

// The key a statement sets (the first part of a dotted one, the name of a table), or nothing where it is broken.
function keyOf(statement: string): string | undefined {
  try {
    return Object.keys(parse(statement, PARSING))[0];
  } catch {
    return undefined;
  }
}
