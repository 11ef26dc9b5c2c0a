// The form `tsv` (PROTOCOL.md §8.2): the members follow the code in the order of the tables, one TAB between, without
// names.
import { json } from '../text/json.js';
import type { Column, Members } from './columns.js';
import { tsvText } from './escapes.js';
import { eventColumns, resultColumns } from './generated/columns.js';
import { eventCodes, type EventName, type LineWriter } from './line-form.js';

/** The columns of an event in `tsv`: its `ref` comes last, as a column that was added. */
function tsvColumnsOf(name: EventName): readonly Column[] {
  const columns = eventColumns[name] ?? [];
  return [...columns.filter(({ kind }) => kind !== 'ref'), ...columns.filter(({ kind }) => kind === 'ref')];
}

const tsvEventColumns = new Map(
  (Object.keys(eventCodes) as EventName[]).map((name) => [name, tsvColumnsOf(name)] as const),
);

/** Writes one field. An absent member is empty, and names stand between spaces. */
export function tsvField(value: unknown, kind?: Column['kind']): string {
  switch (typeof value) {
    case 'undefined':
      return '';
    case 'boolean':
      return value ? '1' : '0';
    case 'number':
      return String(value);
    case 'string':
      return tsvText(value);
    default:
      if (value === null) return '';
      return tsvText(kind === 'names' ? (value as readonly string[]).join(' ') : json(value));
  }
}

function fields(members: Members, columns: readonly Column[]): string {
  let line = '';
  for (const { name, kind } of columns) line += `\t${tsvField(members[name], kind)}`;
  return line;
}

/** The form `tsv`. */
export const tsvForm: LineWriter = {
  event: (name, members) => `${eventCodes[name]}${fields(members, tsvEventColumns.get(name) ?? [])}\n`,
  success: (command, ref, results) =>
    `1\t${command}\t${tsvField(ref)}${fields(results, resultColumns[command] ?? [])}\n`,
  refusal: ({ code, command, ref, error, field, retry_after: retryAfter }) =>
    `${[code, command, ref, error, field, retryAfter].map((value) => tsvField(value)).join('\t')}\n`,
};
