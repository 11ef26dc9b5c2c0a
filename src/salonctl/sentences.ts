// Writes the results of a command as a sentence, one function per command.
import { cell, type Results } from './show.js';
import { counted } from './units.js';

/** Reads results for a sentence, and remembers which ones were used. */
export class ResultReader {
  readonly #results: Results;
  readonly #used = new Set<string>();

  constructor(results: Results) {
    this.#results = results;
  }

  /** Whether the daemon sent this result. It may be null, if the daemon can't know the value. */
  told(name: string): boolean {
    return this.#results[name] !== undefined;
  }

  /** Whether the daemon sent this result and it is not null. */
  has(name: string): boolean {
    return this.#results[name] !== undefined && this.#results[name] !== null;
  }

  /** Returns the value, and marks it as used. */
  value(name: string): unknown {
    this.#used.add(name);
    return this.#results[name];
  }

  /** The value as text; empty if there is none. */
  text(name: string): string {
    return cell(name, this.value(name));
  }

  /** A count with its noun, `2 sessions`; 0 if there is no value. */
  count(name: string, thing: string): string {
    return counted(Number(this.value(name) ?? 0), thing);
  }

  /** The results that no sentence has used. */
  get rest(): Results {
    return Object.fromEntries(
      Object.entries(this.#results).filter(([name, value]) => !this.#used.has(name) && value !== undefined),
    );
  }
}

function endedSessions(from: ResultReader): string {
  return `${from.count('sessions', 'session')} ended`;
}

function reloaded(from: ResultReader): string {
  const [applied, restart] = [from.text('applied'), from.text('restart')];
  const changes =
    applied === 'none' && restart === 'none'
      ? ['the settings are read again; none has changed']
      : [`applied: ${applied}`, ...(restart === 'none' ? [] : [`applied at the next restart only: ${restart}`])];
  // An older daemon does not send warnings.
  const warnings = from.has('warnings') ? (from.value('warnings') as readonly string[]) : [];
  return [...changes, ...warnings.map((warning) => `warning: ${warning}`)].join('\n');
}

/** The target of a command, `user bob`: its kind, its name, and what was typed if that differs. */
function targetOf(from: ResultReader): string {
  const asked = from.has('asked') ? ` (asked for: ${from.text('asked')})` : '';
  const [kind, target] = [from.text('kind'), from.text('target')];
  // A target such as `user:10.0.0.5` names its kind already.
  return `${kind} ${target.startsWith(`${kind}:`) ? target.slice(kind.length + 1) : target}${asked}`.trimStart();
}

/** Lines about other bans of some of the same addresses. */
function otherBans(from: ResultReader): string[] {
  const count = from.has('narrower_count') ? ` (${from.text('narrower_count')})` : '';
  return [
    ...(from.has('wider') ? [`a wider ban keeps it out too: ${from.text('wider')}`] : []),
    ...(from.has('narrower') ? [`bans inside it stay${count}: ${from.text('narrower')}`] : []),
  ];
}

function replacedReason({ reason }: Results): string {
  return reason === undefined || reason === '' ? '' : `; its reason was: ${cell('reason', reason)}`;
}

function banned(from: ResultReader): string {
  const replaced = from.value('replaced') as Results | undefined;
  const until = (end: unknown): string => (end === undefined || end === null ? 'it is unbanned' : cell('until', end));
  return [
    `${targetOf(from)} is banned until ${until(from.value('until'))}; ${endedSessions(from)}`,
    ...(replaced === undefined
      ? []
      : [`this replaces a ban until ${until(replaced['until'])}${replacedReason(replaced)}`]),
    ...otherBans(from),
  ].join('\n');
}

function invited(from: ResultReader): string {
  const end = from.has('until') ? `until ${from.text('until')}` : 'until it is deleted';
  const line = `invitation ${from.text('invitation_id')} for ${from.count('uses', 'user')}, ${end}`;
  return `${line}\nit is shown only this once:\n${from.text('invitation')}`;
}

function draining(from: ResultReader): string {
  const again = from.value('changed') === true ? 'the drain under way has a new time' : 'draining';
  const [sessions, over] = [from.count('sessions', 'connection'), from.text('over')];
  if (from.value('sessions') === 0) return `${again}: nobody is connected, and the daemon stops`;
  return `${again}: ${sessions} will be closed within ${over}, then the daemon stops`;
}

function timeReset(from: ResultReader): string {
  const clock = "new messages have the time of the machine's clock";
  return from.value('back') === 0 ? `${clock}, as before` : `${clock} again, ${from.text('back')} earlier`;
}

/** A sentence about a new file, or about standard output. */
function file(from: ResultReader, what: string, there: string): string {
  return from.has('file') ? `${from.text('file')}: ${what}${there}` : `standard output: ${what}`;
}

/** What a deletion says of what is not done yet. */
function leftOf(from: ResultReader): string {
  return from.has('left') ? `\n${from.text('left')}` : '';
}

/** What a restore or an import says of users whom it erased. */
function erasedAgain(from: ResultReader): string {
  return from.has('erased') ? `; ${from.count('erased', 'user')} erased again, by the list of erasures` : '';
}

/** By command name, for commands that change something or write a file: writes the results as one or more lines. */
export const sentences: Readonly<Record<string, (from: ResultReader) => string>> = {
  create_account: (from) => `${from.text('username')} is created`,
  set_password: (from) => `${from.text('username')} has a new password; ${endedSessions(from)}`,
  disable_account: (from) => `${from.text('username')} is disabled; ${endedSessions(from)}`,
  enable_account: (from) => `${from.text('username')} is enabled`,
  erase_account: (from) =>
    `${from.text('username')} and the texts of its messages are deleted; ${endedSessions(from)}${leftOf(from)}`,
  delete_account: (from) => `${from.text('username')} is deleted; ${endedSessions(from)}${leftOf(from)}`,
  end_tokens: (from) => `${from.text('username')} has lost ${from.count('tokens', 'token')}; ${endedSessions(from)}`,
  create_invitation: invited,
  delete_invitation: (from) => `invitation ${from.text('invitation_id')} is deleted`,
  close_room: (from) => `${from.text('room')} is closed; ${from.count('sessions', 'session')} had to leave it`,
  open_room: (from) => `${from.text('room')} is open`,
  own_room: (from) => `${from.text('owner')} is now the only owner of ${from.text('room')}`,
  set_room_password: (from) => `${from.text('room')} has a new password`,
  set_room_role: (from) => `${from.text('username')} has the role ${from.text('role')} in ${from.text('room')}`,
  kick_from_room: (from) => `${from.text('username')} is put out of ${from.text('room')}`,
  ban_from_room: (from) => {
    const until = from.has('until') ? from.text('until') : 'it is unbanned';
    return `${from.text('username')} is banned from ${from.text('room')} until ${until}`;
  },
  unban_from_room: (from) => `${from.text('username')} is no longer banned from ${from.text('room')}`,
  delete_room: (from) =>
    `${from.text('room')} is deleted; ${from.count('sessions', 'session')} had to leave it${leftOf(from)}`,
  delete_message: (from) => {
    const message = `message ${from.text('id')} of ${from.text('room')}`;
    return from.value('changed') === true ? `${message} is deleted` : `${message} was deleted before`;
  },
  announce: (from) => `announced to ${from.count('sessions', 'connection')}`,
  kick: (from) => {
    const rooms = from.has('places') ? `; left ${from.count('places', 'room')} that kept its place` : '';
    return `${endedSessions(from)}${rooms}${from.has('target') ? ` (${targetOf(from)})` : ''}`;
  },
  ban: banned,
  unban: (from) => [`${targetOf(from)} is no longer banned`, ...otherBans(from)].join('\n'),
  drain: draining,
  reset_time: timeReset,
  reload: reloaded,
  set_log_level: (from) => `the log level is ${from.text('level')} until the next reload or restart`,
  backup: (from) => file(from, from.text('bytes'), ', checked'),
  restore: (from) => {
    const old = from.has('replaced') ? `; the old data is ${from.text('replaced')}` : '';
    return `restored to ${from.text('data')}${old}${erasedAgain(from)}`;
  },
  'users export': (from) => file(from, from.count('lines', 'line'), ''),
  export: (from) => file(from, from.count('lines', 'line'), ''),
  import: (from) => `imported to ${from.text('data')}: ${from.count('messages', 'message')}${erasedAgain(from)}`,
};
