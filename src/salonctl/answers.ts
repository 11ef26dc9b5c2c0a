// Answers as sentences with units, each made of the results of its command. Results that a sentence has no place for stand below it
// by their names, so that nothing is lost of what a newer daemon tells.
import { cell, listOf, members, rowsTable, type Results } from './show.js';
import { counted } from './units.js';

/** Results that a sentence is made of; it knows which were used. */
class Source {
  readonly #results: Results;
  readonly #used = new Set<string>();

  constructor(results: Results) {
    this.#results = results;
  }

  has(name: string): boolean {
    return this.#results[name] !== undefined && this.#results[name] !== null;
  }

  value(name: string): unknown {
    this.#used.add(name);
    return this.#results[name];
  }

  /** As a cell shows it; empty where it is not there. */
  text(name: string): string {
    return cell(name, this.value(name));
  }

  /** `2 sessions`. One that is not there is 0. */
  count(name: string, thing: string): string {
    return counted(Number(this.value(name) ?? 0), thing);
  }

  /** What no sentence has used. */
  get rest(): Results {
    return Object.fromEntries(Object.entries(this.#results).filter(([name, value]) => !this.#used.has(name) && value !== undefined));
  }
}

function ended(from: Source): string {
  return `${from.count('sessions', 'session')} ended`;
}

function reloaded(from: Source): string {
  const [applied, restart] = [from.text('applied'), from.text('restart')];
  if (applied === 'none' && restart === 'none') return 'the settings are read again; none has changed';
  return [`applied: ${applied}`, ...(restart === 'none' ? [] : [`applied at the next restart only: ${restart}`])].join('\n');
}

/** `user bob`, as far as it is told: what a target was taken for, and the one that was meant. */
function meant(from: Source): string {
  const asked = from.has('asked') ? ` (asked for: ${from.text('asked')})` : '';
  return `${from.has('kind') ? `${from.text('kind')} ` : ''}${from.text('target')}${asked}`;
}

/** Other bans that hold for some of the same addresses. */
function beside(from: Source): string[] {
  const count = from.has('narrower_count') ? ` (${from.text('narrower_count')})` : '';
  return [
    ...(from.has('wider') ? [`a wider ban keeps it out too: ${from.text('wider')}`] : []),
    ...(from.has('narrower') ? [`bans inside it stay${count}: ${from.text('narrower')}`] : []),
  ];
}

function banned(from: Source): string {
  const replaced = from.value('replaced') as Results | undefined;
  const until = (end: unknown): string => (end === undefined || end === null ? 'it is unbanned' : cell('until', end));
  return [
    `${meant(from)} is banned until ${until(from.value('until'))}; ${ended(from)}`,
    ...(replaced === undefined ? [] : [`this replaces the ban until ${until(replaced['until'])}${replaced['reason'] ? ` for ${cell('reason', replaced['reason'])}` : ''}`]),
    ...beside(from),
  ].join('\n');
}

function draining(from: Source): string {
  const again = from.value('changed') === true ? 'the drain under way has a new time' : 'draining';
  return `${again}: ${from.count('sessions', 'connection')} will be closed within ${from.text('over')}, then the daemon stops`;
}

/** A new file, or standard output, and what is said of it. */
function file(from: Source, what: string, there: string): string {
  return from.has('file') ? `${from.text('file')}: ${what}${there}` : `standard output: ${what}`;
}

/** One sentence for each command that changes something, and for those that make files. */
const sentences: Readonly<Record<string, (from: Source) => string>> = {
  create_account: (from) => `${from.text('username')} is created`,
  set_password: (from) => `${from.text('username')} has a new password; ${ended(from)}`,
  disable_account: (from) => `${from.text('username')} is disabled; ${ended(from)}`,
  enable_account: (from) => `${from.text('username')} is enabled`,
  delete_account: (from) => `${from.text('username')} is deleted; ${ended(from)}`,
  close_room: (from) => `${from.text('room')} is closed; ${from.count('sessions', 'session')} had to leave it`,
  open_room: (from) => `${from.text('room')} is open`,
  own_room: (from) => `${from.text('owner')} is now the only owner of ${from.text('room')}`,
  announce: (from) => `announced to ${from.count('sessions', 'connection')}`,
  kick: (from) => `${ended(from)}${from.has('target') ? ` (${meant(from)})` : ''}`,
  ban: banned,
  unban: (from) => [`${meant(from)} is no longer banned`, ...beside(from)].join('\n'),
  drain: draining,
  reset_time: (from) => `the times of new messages go on from the machine's clock: ${from.text('back')} back`,
  reload: reloaded,
  set_log_level: (from) => `the log level is ${from.text('level')} until the next reload or restart`,
  backup: (from) => file(from, from.text('bytes'), ', checked'),
  restore: (from) => `restored to ${from.text('data')}${from.has('replaced') ? `; the old data is ${from.text('replaced')} there` : ''}`,
  export: (from) => file(from, from.count('lines', 'line'), ''),
  import: (from) => `imported to ${from.text('data')}: ${from.count('messages', 'message')}`,
};

/** What is said where a list is empty. */
const empty: Readonly<Record<string, string>> = { accounts: 'no users', rooms: 'no rooms', bans: 'no bans', sessions: 'no connections' };

function refusals(value: unknown): string {
  const counts = Object.entries((value ?? {}) as Readonly<Record<string, unknown>>).filter(([, count]) => typeof count === 'number');
  const total = counts.reduce((sum, [, count]) => sum + Number(count), 0);
  return total === 0 ? 'no connections' : `${counted(total, 'connection')} (${cell('refused', value)})`;
}

/** What a daemon tells of its writing, if it tells it. */
function writingRows(from: Source): Results {
  const [writable, problem] = [from.value('writable'), from.text('problem')];
  const behind = Number(from.value('clock_behind') ?? 0);
  return {
    ...(writable === undefined ? {} : { writing: writable === true ? 'works' : `FAILS: ${problem}` }),
    ...(behind === 0 ? {} : { clock: `${cell('seconds', behind)} behind the newest message` }),
  };
}

/** The lines of `status`, of what belongs together. */
function statusRows(from: Source): Results {
  return Object.fromEntries([
    ['daemon', `salond ${from.text('version')}, ${from.text('state')}, process ${from.text('pid')}`],
    ['up for', from.text('uptime')],
    ['connections', `${from.text('sessions')} open, ${from.text('users')} of them logged in`],
    ['refused', refusals(from.value('refused'))],
    ['rooms', `${from.text('rooms')} with somebody in them`],
    ['messages', `${from.text('messages')} stored, ${from.text('delivered')} delivered`],
    ['last commit', from.text('last_commit') || 'none since the start'],
    ...Object.entries(writingRows(from)),
    ['durability', from.text('durability')],
    ['data', `${from.text('database')}, and ${from.text('log')} of write-ahead log`],
    ['disk room', from.has('disk_free') ? `${from.text('disk_free')} left` : 'unknown'],
    ['memory', from.text('memory')],
    ['loop delay', `${from.text('loop_delay')} ms at most since the last status`],
  ]) as Results;
}

/**
 * The results of a command as lines for people.
 * @param command the daemon's name of it, or that of a command of salonctl's own
 * @param columns of the terminal; Infinity where it is none
 */
export function answer(command: string, results: Results, columns: number): string[] {
  const { command: _, ...all } = results;
  const list = listOf(all);
  if (list !== undefined) {
    const [name, rows] = list;
    return rows.length === 0 ? [empty[name] ?? 'none'] : rowsTable(rows, columns);
  }
  const from = new Source(all);
  if (command === 'status') {
    const rows = statusRows(from);
    return members({ ...rows, ...from.rest });
  }
  const lines = Object.hasOwn(sentences, command) ? sentences[command]?.(from).split('\n') ?? [] : [];
  return [...lines, ...members(from.rest)];
}
