// The settings file: TOML with flat keys. Every complaint is one line that begins with the file's name and the line at fault.
// The only place of the settings that touches the disk.

import { closeSync, openSync, readSync } from 'node:fs';
import { getSystemErrorMap } from 'node:util';
import { parse } from 'smol-toml';
import type { TomlError } from 'smol-toml';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { entryLine, statements } from './lines.js';
import type { Statement } from './lines.js';
import { KEYS, isKey } from './table.js';

// Ten times what the longest lists can take; a larger file is not ours, and /dev/zero has no end.
const MAX_BYTES = 1024 * 1024;

// An integer too long for a number is a wrong value, not a wrong document.
const PARSING = { integersAsBigInt: 'asNeeded' } as const;

// All of a broken statement that gives a key a value without quotes or brackets.
const UNQUOTED = /^[\w-]+[ \t]*=[ \t]*([^\s"'#[{=][^\s"'#]*)[ \t]*(?:#.*)?$/;

/** Reads the file into `findings`. One that cannot be read, or is no TOML, is one complaint. */
export function readSettingsFile(path: string, findings: Findings): void {
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
    const line = (entry: number | undefined): number => (entry === undefined ? statement.line : entryLine(statement, entry));
    take(findings, name, value, (entry) => `${path}:${line(entry)}: ${name}`);
  } else {
    const meant = suggestion(name, KEYS, (key) => `"${key}"`);
    complain(findings, `${path}:${statement.line}: unknown key "${name}"${meant}`);
  }
}

// "12: what is wrong". The parser's line is where it gave up; for a value that was never closed that is far below its beginning.
function syntaxProblem(error: TomlError, text: string): string {
  const line = Math.min(error.line, text.trimEnd().split('\n').length);
  const reason = error.message.replace(/^Invalid TOML document: /, '').replace(/\n[^]*/, '');
  const statement = statements(text).filter((one) => one.line <= line).at(-1);
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
  return Math.min(...statements(text).filter((statement) => keyOf(statement.text) === key).map(({ line }) => line));
}

// The key a statement sets (the first part of a dotted one, the name of a table), or nothing where it is broken.
function keyOf(statement: string): string | undefined {
  try {
    return Object.keys(parse(statement, PARSING))[0];
  } catch {
    return undefined;
  }
}

type Read = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

function readText(path: string): Read {
  try {
    const bytes = readUpTo(path, MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) return { ok: false, problem: `cannot be read: larger than ${MAX_BYTES} bytes` };
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return { ok: false, problem: `cannot be read: ${reasonOf(error)}` };
  }
}

// In pieces: a pipe (`--config <(…)`) gives what it has and knows no size.
function readUpTo(path: string, limit: number): Uint8Array {
  const bytes = new Uint8Array(limit);
  const file = openSync(path, 'r');
  try {
    let length = 0;
    let read: number;
    do {
      read = readSync(file, bytes, length, limit - length, null);
      length += read;
    } while (read > 0 && length < limit);
    return bytes.subarray(0, length);
  } finally {
    closeSync(file);
  }
}

// node:fs and TextDecoder throw nothing but Errors, and only the system's have a number.
function reasonOf(error: unknown): string {
  const { errno, message } = error as NodeJS.ErrnoException;
  const known = errno === undefined ? undefined : getSystemErrorMap().get(errno);
  return known?.[1] ?? message;
}
