// Replies as people read them. What is shown was typed by others: nothing of it may act on the terminal.
import { printable } from '../ops/log-line.js';

type Row = Readonly<Record<string, unknown>>;

const bytes = new Set(['memory', 'database', 'log', 'bytes']);

function isRows(value: unknown): value is readonly Row[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'object' && each !== null);
}

/** A value in a cell: numbers of bytes in KiB or MiB, seconds as a time, texts without control characters. */
export function cell(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && bytes.has(name)) return value < 2 ** 20 ? `${(value / 2 ** 10).toFixed(1)} KiB` : `${(value / 2 ** 20).toFixed(1)} MiB`;
  if (typeof value === 'number' && (name === 'seconds' || name === 'uptime')) return duration(value);
  if (typeof value === 'number') return name === 'session' || name === 'pid' ? String(value) : value.toLocaleString('en');
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map((each) => cell(name, each)).join(', ');
  if (typeof value === 'object') return Object.entries(value).map(([its, each]) => `${its} ${cell(its, each)}`).join(', ');
  return printable(String(value)).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)\.\d{3}Z$/, '$1 $2');
}

/** Seconds in the two largest units that they fill: `3d 4h`, `12m 5s`. */
export function duration(seconds: number): string {
  const parts = [[86_400, 'd'], [3600, 'h'], [60, 'm'], [1, 's']] as const;
  let rest = Math.floor(seconds);
  const all = parts.map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return { count, text: `${count}${unit}` };
  });
  const first = Math.max(0, all.findIndex(({ count }) => count > 0));
  return seconds < 1 ? '0s' : all.slice(first, first + 2).filter(({ count }) => count > 0).map(({ text }) => text).join(' ');
}

/** Columns as terminals count them: a character that takes two, or none, is rare in a name, and costs a shifted column. */
function padded(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => [...row[column] ?? ''].length))) ?? [];
  return rows.map((row) => row.map((text, column) => text + ' '.repeat((widths[column] ?? 0) - [...text].length)).join('  ').trimEnd());
}

function rowsTable(rows: readonly Row[]): string[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return padded([names.map((name) => name.replaceAll('_', ' ').toUpperCase()), ...rows.map((row) => names.map((name) => cell(name, row[name])))]);
}

/** A reply's results as lines: a list (which says whether there is more of it) as a table, anything else a line each. */
export function shown(results: Row): string[] {
  const { command: _, more, ...members } = results;
  const list = Object.values(members).find(isRows);
  if (list !== undefined && more !== undefined) return list.length === 0 ? ['none'] : rowsTable(list);
  return padded(Object.entries(members).map(([name, value]) => [name.replaceAll('_', ' '), cell(name, value)]));
}
