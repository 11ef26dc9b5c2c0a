// The members of replies and events as columns, in the order of PROTOCOL.md's tables (generated/columns.ts).

/**
 * One member. `name` is that of a user or a room; `text` any text, which may be cut. `word` is a value that is never
 * cut: a number, a truth or one of some words; `time` RFC 3339; `token` a token or a part of the login by one. `names`
 * is a list of names; `list` another list, of objects with the columns `of` where it has them; `json` an object.
 */
export interface Column {
  readonly name: string;
  readonly kind: 'name' | 'text' | 'word' | 'time' | 'token' | 'ref' | 'names' | 'list' | 'json';
  readonly of?: readonly Column[];
}

/** The members of a line, by their names. What is undefined or null is absent. */
export type Members = Readonly<Record<string, unknown>>;
