// Turns replies into lines for people: lists become tables, the daemon's state becomes rows, everything else becomes
// sentences. Results that no sentence uses follow by name, so that results of a newer daemon are shown too.
import { sentences, ResultReader } from './sentences.js';
import { cell, listOf, members, rowsTable, type Results } from './show.js';
import { counted } from './units.js';

/** The line for an empty list. */
const empty: Readonly<Record<string, string>> = {
  accounts: 'no users',
  rooms: 'no rooms',
  bans: 'no bans',
  sessions: 'no connections',
};

function refusals(value: unknown): string {
  const counts = Object.entries((value ?? {}) as Readonly<Record<string, unknown>>).filter(
    ([, count]) => typeof count === 'number',
  );
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
  return total === 0 ? 'no connections' : `${counted(total, 'connection')} (${cell('refused', value)})`;
}

/** The rows about storing messages. What an older daemon does not tell has no row. */
function writingRows(from: ResultReader): Results {
  const [writable, problem] = [from.value('writable'), from.text('problem')];
  const behind = Number(from.value('clock_behind') ?? 0);
  return {
    ...(writable === undefined ? {} : { writing: writable === true ? 'works' : `FAILS: ${problem}` }),
    ...(behind === 0 ? {} : { clock: `${cell('seconds', behind)} behind the newest message` }),
  };
}

/** The rows of `status`, grouped by subject. What an older daemon does not tell has no row. */
function statusRows(from: ResultReader): Results {
  const told = (name: string, row: readonly [string, string]): readonly (readonly [string, string])[] =>
    from.told(name) ? [row] : [];
  return Object.fromEntries([
    ['daemon', `salond ${from.text('version')}, ${from.text('state')}, process ${from.text('pid')}`],
    ['up for', from.text('uptime')],
    ['connections', `${from.text('sessions')} open, ${from.text('users')} of them logged in`],
    ...told('refused', ['refused', refusals(from.value('refused'))]),
    ['rooms', `${from.text('rooms')} with somebody in them`],
    ['messages', `${from.text('messages')} stored, ${from.text('delivered')} delivered`],
    ...told('last_commit', ['last commit', from.text('last_commit')]),
    ...Object.entries(writingRows(from)),
    ['durability', from.text('durability')],
    ['data', `${from.text('database')}, and ${from.text('log')} of write-ahead log`],
    ...told('disk_free', ['disk room', from.has('disk_free') ? `${from.text('disk_free')} left` : 'unknown']),
    ['memory', from.text('memory')],
    ['loop delay', `${from.text('loop_delay')} ms at most since the last status`],
  ]);
}

/**
 * The results of a command as lines for people.
 * @param command the name of the daemon's command, or of salonctl's own
 * @param columns the width of the terminal; Infinity if there is none
 */
export function answer(command: string, results: Results, columns: number): string[] {
  const all = Object.fromEntries(Object.entries(results).filter(([name]) => name !== 'command'));
  const list = listOf(all);
  if (list !== undefined) {
    const [name, rows] = list;
    return rows.length === 0 ? [empty[name] ?? 'none'] : rowsTable(rows, columns);
  }
  const from = new ResultReader(all);
  if (command === 'status') {
    const rows = statusRows(from);
    return members({ ...rows, ...from.rest });
  }
  const lines = Object.hasOwn(sentences, command) ? (sentences[command]?.(from).split('\n') ?? []) : [];
  const shown = [...lines, ...members(from.rest)];
  return shown.length > 0 ? shown : ['done'];
}
