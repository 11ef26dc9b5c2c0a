// Results of any command for people. Others typed what is shown: nothing of it may act on the terminal.
import { printable } from '../ops/printable.js';
import { table, type Kind } from './table.js';
import { duration, localTime, size } from './units.js';

export type Results = Readonly<Record<string, unknown>>;

const bytes = new Set(['memory', 'database', 'log', 'bytes', 'disk_free']);
const seconds = new Set(['seconds', 'uptime', 'over', 'duration', 'clock_behind', 'back']);
/** What people wrote, of any length: cut first where there is no room. */
const texts = new Set(['reason', 'topic', 'first_name', 'last_name']);
const identifiers = new Set(['session', 'pid', 'id']);

function isRows(value: unknown): value is readonly Results[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}

function number(name: string, value: number): string {
  if (bytes.has(name)) return size(value);
  if (seconds.has(name)) return duration(value);
  if (name.startsWith('last_')) return `${duration(value)} ago`;
  return identifiers.has(name) ? String(value) : value.toLocaleString('en');
}

/** A value in a cell: numbers with units, times on the local clock, texts without anything that a terminal acts on. */
export function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return number(name, value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => cell(name, each)).join(', ');
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, each]) => `${printable(key)}: ${cell(key, each)}`);
    return members.length === 0 ? 'none' : members.join(', ');
  }
  const text = String(value);
  return isTime(name, text) ? localTime(text) : printable(text);
}

/** Whether the value is a time of the protocol's. A text is none, whatever it looks like. */
function isTime(name: string, value: unknown): value is string {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
  return typeof value === 'string' && !texts.has(name) && form.test(value);
}

function kindOf(name: string, rows: readonly Results[]): Kind {
  if (texts.has(name)) return 'text';
  return rows.some((row) => isTime(name, row[name])) ? 'time' : 'name';
}

/** Names that say more in a table. */
const headings: ReadonlyMap<string, string> = new Map([['seconds', 'connected for']]);

/** A member's name as a heading. */
export function heading(name: string): string {
  return headings.get(name) ?? printable(name).replaceAll('_', ' ');
}

/** The list of a reply that has one, and that it can be asked for page by page. */
export function listOf({ more, ...members }: Results): readonly [name: string, rows: readonly Results[]] | undefined {
  if (more === undefined) return undefined;
  for (const [name, value] of Object.entries(members)) if (isRows(value)) return [name, value];
  return undefined;
}

/** Rows as a table with a heading. A column is there where one row has that member, in the order of the fullest row. */
export function rowsTable(rows: readonly Results[], columns: number): string[] {
  const fullestFirst = rows.map((row) => Object.keys(row)).sort((one, other) => other.length - one.length);
  const names = [...new Set(fullestFirst.flat())];
  const lines = rows.map((row) =>
    names.map((name) => {
      const value = row[name];
      return isTime(name, value) ? localTime(value, 'minute') : cell(name, value);
    }),
  );
  return table(
    [names.map((name) => heading(name).toUpperCase()), ...lines],
    columns,
    names.map((name) => kindOf(name, rows)),
  );
}

/** Members as a line each, however long. */
export function members(results: Results): string[] {
  return table(
    Object.entries(results).map(([name, value]) => [heading(name), cell(name, value)]),
    Infinity,
  );
}
