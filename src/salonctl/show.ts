// Formats the results of any command for people. Results contain text that other people chose, so no character of them
// may act on the terminal.
import { printable } from '../text/printable.js';
import { table, type Kind } from './table.js';
import { duration, localTime, size } from './units.js';

/** The results of a command, by name. */
export type Results = Readonly<Record<string, unknown>>;

const bytes = new Set(['memory', 'database', 'log', 'bytes', 'disk_free', 'search']);
const seconds = new Set([
  'seconds',
  'uptime',
  'over',
  'duration',
  'clock_behind',
  'search_lag',
  'back',
  'slow_seconds',
  'keep_seconds',
]);
/** Results that are text of any length, written by people. They are cut first if a table is too wide. */
const texts = new Set(['reason', 'topic', 'first_name', 'last_name', 'label']);
const identifiers = new Set(['session', 'pid', 'id']);

function isRows(value: unknown): value is readonly Results[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}

/** Settings of a room of which 0 means that there is none. */
const limits = new Set(['max_users', 'keep_seconds', 'keep_messages']);

function number(name: string, value: number): string {
  if (limits.has(name) && value === 0) return 'no limit';
  if (bytes.has(name)) return size(value);
  if (seconds.has(name)) return duration(value);
  if (name.startsWith('last_')) return `${duration(value)} ago`;
  return identifiers.has(name) ? String(value) : value.toLocaleString('en');
}

/**
 * A value as text: numbers with units, times in the local time zone, texts without anything that a terminal acts on.
 */
export function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return number(name, value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => cell(name, each)).join(', ');
  if (typeof value === 'object') {
    const members = Object.entries(value).map(([key, each]) => `${printable(key)}: ${cell(key, each)}`);
    return members.length === 0 ? 'none' : members.join(', ');
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return isTime(name, text) ? localTime(text) : printable(text);
}

/** Whether the value is a time of the protocol. Text that people wrote never is, even if it looks like a time. */
function isTime(name: string, value: unknown): value is string {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
  return typeof value === 'string' && !texts.has(name) && form.test(value);
}

function kindOf(name: string, rows: readonly Results[]): Kind {
  if (texts.has(name)) return 'text';
  return rows.some((row) => isTime(name, row[name])) ? 'time' : 'name';
}

/** Headings that differ from the name of the member. */
const headings: ReadonlyMap<string, string> = new Map([['seconds', 'connected for']]);

/** The heading for a member. */
export function heading(name: string): string {
  return headings.get(name) ?? printable(name).replaceAll('_', ' ');
}

/** The name and the rows of the list in a paged reply, which has the member `more`. Undefined for other replies. */
export function listOf({ more, ...members }: Results): readonly [name: string, rows: readonly Results[]] | undefined {
  if (more === undefined) return undefined;
  for (const [name, value] of Object.entries(members)) if (isRows(value)) return [name, value];
  return undefined;
}

/**
 * Formats rows as a table with headings. There is a column for each member that any row has, in the order of the row
 * with the most members.
 */
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

/** Formats each member as one line, which may have any length. */
export function members(results: Results): string[] {
  return table(
    Object.entries(results).map(([name, value]) => [heading(name), cell(name, value)]),
    Infinity,
  );
}
