// Finds the line of each key and value in a TOML file, for file.ts. smol-toml tells the line of syntax errors only, and
// an operator wants the line of a wrong value too. This splits a document into statements (a key with its value, or a
// table's header) without interpreting them. Each can then be parsed by itself.

/** A key with its value, or a table's header. */
export interface Statement {
  readonly text: string;
  /** The line of its first character, counted from 1. */
  readonly line: number;
}

// Matches strings and comments, which can contain line ends and brackets, and the characters that end or nest a value.
// The leftmost match counts, so a quote in a comment opens no string, and a '#' in a string begins no comment. A
// multi-line string may end in up to two quotes that belong to it, before the three that close it.
const tokenPattern = /"""(?:[^\\]|\\[^])*?"{3,5}|'''[^]*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[[\]{},\n]/g;

/**
 * The document's statements. In an invalid document those before the first syntax error are right, and the one with the
 * error may be too long.
 */
export function statements(document: string): readonly Statement[] {
  const found: Statement[] = [];
  let from = 0;
  let line = 1;
  const end = (to: number): void => {
    const all = document.slice(from, to);
    const text = all.replace(leadingVoid, '').trimEnd();
    // An empty line, a comment and the byte order mark are no statements.
    if (text !== '') found.push({ text, line });
    line += lineEnds(all) + 1;
    from = to + 1;
  };
  for (const { token, index, depth } of tokens(document)) {
    if (token === '\n' && depth === 0) end(index);
  }
  end(document.length);
  return found;
}

/** The line of an entry in a statement's array. Entries count from 0. */
export function entryLine({ text, line }: Statement, entry: number): number {
  let entries = -1;
  for (const { token, index, depth } of tokens(text)) {
    if (depth === 1 && (token === '[' || token === ',')) entries += 1;
    if (entries !== entry) continue;
    const rest = text.slice(index + 1);
    return line + lineEnds(text) - lineEnds(rest.replace(leadingVoid, ''));
  }
  return line;
}

/** Spaces, line ends and comments at the beginning of a text. */
const leadingVoid = /^(?:\s|#[^\n]*)*/;

interface Token {
  readonly token: string;
  readonly index: number;
  /** The number of open brackets, including this one if it opens. */
  readonly depth: number;
}

function* tokens(text: string): Generator<Token> {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(tokenPattern)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    yield { token, index, depth };
  }
}

function lineEnds(text: string): number {
  return text.split('\n').length - 1;
}
