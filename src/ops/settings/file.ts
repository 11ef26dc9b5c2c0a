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

/** With `asNeeded`, an integer that does not fit a number makes only its value wrong, not the document. */
const parserOptions = { integersAsBigInt: 'asNeeded' } as const;

/** A broken statement that gives a key a value without quotes or brackets. */
const unquotedValue = /^[\w-]+[ \t]*=[ \t]*([^\s"'#[{=][^\s"'#]*)[ \t]*(?:#.*)?$/;

/** Reads the file into `findings`. Adds one complaint if the file can't be read or is no TOML. */
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
  // The document is valid. Each statement is parsed again by itself, because that tells the statement's line.
  let inTable = false;
  for (const statement of statements(text)) {
    const header = statement.text.startsWith('[');
    // No setting is a table, so the header is a complaint. The content of the table is skipped.
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

/** Turns the parser's error into "LINE: REASON". LINE is where the parser gave up. */
function syntaxProblem(error: TomlError, text: string): string {
  const line = Math.min(error.line, text.trimEnd().split('\n').length);
  const reason = error.message.replace(/^Invalid TOML document: /, '').replace(/\n[^]*/, '');
  const statement = statements(text).findLast((one) => one.line <= line);
  const betterReason =
    statement === undefined ? undefined : (duplicateKey(statement, text) ?? missingQuotes(statement));
  if (betterReason !== undefined) return `${line}: ${betterReason}`;
  // A value that never ends is given up far below its beginning, so the line of the beginning is added.
  const isBegunAbove = statement !== undefined && statement.line < line && keyOf(statement.text) === undefined;
  return `${line}: ${reason}${isBegunAbove ? ` (in what begins on line ${statement.line})` : ''}`;
}

/** Says that an earlier statement sets the statement's key, if that is so. A broken statement has no key. */
function duplicateKey(statement: Statement, text: string): string | undefined {
  const key = keyOf(statement.text);
  if (key === undefined) return undefined;
  const first = firstLineOf(key, text);
  return first < statement.line ? `duplicate key "${key}" (first on line ${first})` : undefined;
}

/**
 * Says that the statement's value lacks its quotes, if that is so. It is the most common mistake, and the parser's
 * message for it depends on the first letter.
 */
function missingQuotes(statement: Statement): string | undefined {
  if (keyOf(statement.text) !== undefined) return undefined;
  const bare = unquotedValue.exec(statement.text)?.[1];
  if (bare === undefined || keyOf(`a = ${bare}`) !== undefined) return undefined;
  return `${bare} is not a value (a string stands in quotes)`;
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
