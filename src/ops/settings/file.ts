// Reads the settings file: TOML with flat keys. Every complaint is one line that begins with the file's name and the
// line number.

import { parse } from 'smol-toml';
import type { TomlError } from 'smol-toml';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { entryLine, statements } from './lines.js';
import type { Statement } from './lines.js';
import { settingKeys, isKey } from './table.js';
import type { ReadText } from './text-file.js';

/** An integer too long for a number is a wrong value, not a wrong document. */
const parserOptions = { integersAsBigInt: 'asNeeded' } as const;

/** A broken statement that gives a key a value without quotes or brackets. */
const unquotedValue = /^[\w-]+[ \t]*=[ \t]*([^\s"'#[{=][^\s"'#]*)[ \t]*(?:#.*)?$/;

/** Reads the file into `findings`. A file that can't be read, or is no TOML, is one complaint. */
export function readSettingsFile(path: string, findings: Findings, readText: ReadText): void {
  const read = readText(path);
  if (read.ok) readDocument(path, read.text, findings);
  else complain(findings, `${path}: ${read.problem}`);
}

function readDocument(path: string, text: string, findings: Findings): void {
  try {
    parse(text, parserOptions);
  } catch (error) {
    // smol-toml throws nothing else.
    complain(findings, `${path}:${syntaxProblem(error as TomlError, text)}`);
    return;
  }
  // The document is valid. Each statement is parsed again by itself, because only then its line is known.
  let inTable = false;
  for (const statement of statements(text)) {
    const header = statement.text.startsWith('[');
    // No setting is a table, so the header is complained about. What is inside the table is skipped.
    if (inTable && !header) continue;
    inTable = header;
    for (const [name, value] of Object.entries(parse(statement.text, parserOptions))) {
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

/**
 * "12: what is wrong". The parser's line is where it gave up, which is far below the beginning of a value that never
 * ends.
 */
function syntaxProblem(error: TomlError, text: string): string {
  const line = Math.min(error.line, text.trimEnd().split('\n').length);
  const reason = error.message.replace(/^Invalid TOML document: /, '').replace(/\n[^]*/, '');
  const statement = statements(text)
    .filter((one) => one.line <= line)
    .at(-1);
  if (statement === undefined) return `${line}: ${reason}`;
  const key = keyOf(statement.text);
  if (key !== undefined) {
    // The statement by itself is valid: its key is a duplicate, or what follows it on the line is wrong.
    const first = firstLineOf(key, text);
    return first < statement.line ? `${line}: duplicate key "${key}" (first on line ${first})` : `${line}: ${reason}`;
  }
  // The most common mistake. The parser's message for it depends on the first letter (`inf` is a number).
  const bare = unquotedValue.exec(statement.text)?.[1];
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

/**
 * The key that a statement sets (the first part of a dotted key, the name of a table); undefined if the statement is
 * broken.
 */
function keyOf(statement: string): string | undefined {
  try {
    return Object.keys(parse(statement, parserOptions))[0];
  } catch {
    return undefined;
  }
}
