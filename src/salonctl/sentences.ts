// The sentences that answers are, each made of the results of its command.
import { cell, type Results } from './show.js';
import { counted } from './units.js';

/** Results that a sentence is made of; it knows which were used. */
export class Source {
  readonly #results: Results;
  readonly #used = new Set<string>();

  constructor(results: Results) {
    this.#results = results;
  }

  /** Whether the daemon said something of it, be it that it can't tell. */
  told(name: string): boolean {
    return this.#results[name] !== undefined;
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
    return Object.fromEntries(
      Object.entries(this.#results).filter(([name, value]) => !this.#used.has(name) && value !== undefined),
    );
  }
}

function ended(from: Source): string {
  return `${from.count('sessions', 'session')} ended`;
}

function reloaded(from: Source): string {
  const [applied, restart] = [from.text('applied'), from.text('restart')];
  if (applied === 'none' && restart === 'none') return 'the settings are read again; none has changed';
  return [`applied: ${applied}`, ...(restart === 'none' ? [] : [`applied at the next restart only: ${restart}`])].join(
    '\n',
  );
}

/** `user bob`, as far as it is told: what a target was taken for, and the one that was meant. */
function meant(from: Source): string {
  const asked = from.has('asked') ? ` (asked for: ${from.text('asked')})` : '';
  const [kind, target] = [from.text('kind'), from.text('target')];
  // `user:10.0.0.5` says already what it is.
  return `${kind} ${target.startsWith(`${kind}:`) ? target.slice(kind.length + 1) : target}${asked}`.trimStart();
}

/** Other bans that hold for some of the same addresses. */
function beside(from: Source): string[] {
  const count = from.has('narrower_count') ? ` (${from.text('narrower_count')})` : '';
  return [
    ...(from.has('wider') ? [`a wider ban keeps it out too: ${from.text('wider')}`] : []),
    ...(from.has('narrower') ? [`bans inside it stay${count}: ${from.text('narrower')}`] : []),
  ];
}

function because({ reason }: Results): string {
  return reason === undefined || reason === '' ? '' : `; its reason was: ${cell('reason', reason)}`;
}

function banned(from: Source): string {
  const replaced = from.value('replaced') as Results | undefined;
  const until = (end: unknown): string => (end === undefined || end === null ? 'it is unbanned' : cell('until', end));
  return [
    `${meant(from)} is banned until ${until(from.value('until'))}; ${ended(from)}`,
    ...(replaced === undefined ? [] : [`this replaces a ban until ${until(replaced['until'])}${because(replaced)}`]),
    ...beside(from),
  ].join('\n');
}

function draining(from: Source): string {
  const again = from.value('changed') === true ? 'the drain under way has a new time' : 'draining';
  const [sessions, over] = [from.count('sessions', 'connection'), from.text('over')];
  if (from.value('sessions') === 0) return `${again}: nobody is connected, and the daemon stops`;
  return `${again}: ${sessions} will be closed within ${over}, then the daemon stops`;
}

function timeReset(from: Source): string {
  const clock = "new messages have the time of the machine's clock";
  return from.value('back') === 0 ? `${clock}, as before` : `${clock} again, ${from.text('back')} earlier`;
}

/** A new file, or standard output, and what is said of it. */
function file(from: Source, what: string, there: string): string {
  return from.has('file') ? `${from.text('file')}: ${what}${there}` : `standard output: ${what}`;
}

/** One sentence for each command that changes something, and for those that make files. */
export const sentences: Readonly<Record<string, (from: Source) => string>> = {
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
  reset_time: timeReset,
  reload: reloaded,
  set_log_level: (from) => `the log level is ${from.text('level')} until the next reload or restart`,
  backup: (from) => file(from, from.text('bytes'), ', checked'),
  restore: (from) =>
    `restored to ${from.text('data')}${from.has('replaced') ? `; the old data is ${from.text('replaced')}` : ''}`,
  export: (from) => file(from, from.count('lines', 'line'), ''),
  import: (from) => `imported to ${from.text('data')}: ${from.count('messages', 'message')}`,
};
