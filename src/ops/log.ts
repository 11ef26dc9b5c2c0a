// The program's one log. An entry is the name of an event and fields beside it, never a sentence with values inside:
// `log.info({ addresses }, 'ready')`. It leaves as one JSON line on standard output, or as a readable line where that
// is a terminal (`log-line.ts`). No password, token or message text is ever a field.

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { DestinationStream, LevelWithSilent, LogFn, Logger } from 'pino';
import { LineOutput } from './line-output.js';
import { readableLine } from './log-line.js';
import type { LogRecord } from './log-line.js';
import { printableLine } from './printable.js';

export type { DestinationStream, Logger } from 'pino';

/** Where the log's lines go. */
export interface LogDestination extends DestinationStream {
  /** Writes what is queued, in bounded time. Called after a fatal event and when the process ends. */
  flushSync?(): void;
  /** Has `listener` called with the number of lines that were lost when lines flow again. */
  onDropped?(listener: (lines: number) => void): void;
}

/**
 * Creates the logger. `level` is the least severe level that is written, 'silent' for none. `destination` gets whole
 * lines. The fields `level`, `time` and `event` are the log's own. An Error belongs under `err`.
 */
export function createLog(level: LevelWithSilent, destination: LogDestination = standardOutput()): Logger {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { logMethod: eventFirst, streamWrite: printableLine },
    },
    destination,
  );
  destination.onDropped?.((lines) => log.warn({ lines }, 'log_lines_dropped'));
  return log;
}

/** Whether that is the name of a level. */
export function isLevel(level: string): level is LevelWithSilent {
  return level === 'silent' || level in pino.levels.values;
}

/**
 * Where the log goes: standard output, or `fd`. Lines are in a file before the call returns, so a process that dies
 * loses none. Anything else is never waited for (line-output.ts): a log that nobody reads stops nobody.
 */
export function standardOutput({
  fd = 1,
  terminal = isatty(fd),
  env = process.env,
}: { readonly fd?: number; readonly terminal?: boolean; readonly env?: NodeJS.ProcessEnv } = {}): LogDestination {
  const out = new LineOutput(fd);
  const lines: LogDestination = {
    write: (line) => out.write(line),
    flushSync: () => out.finish(),
    onDropped: (listener) => {
      out.onDropped = listener;
    },
  };
  if (isJournal(fd, env)) return journalOutput(lines);
  return terminal ? terminalOutput(lines, !env['NO_COLOR'] && env['TERM'] !== 'dumb') : lines;
}

/** Whether `fd` is the journal's: the service manager tells which file that is (systemd.exec(5), JOURNAL_STREAM). */
function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  if (env['JOURNAL_STREAM'] === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}

/** Puts the priority before each line by which the journal knows its level (sd-daemon(3)). */
export function journalOutput(out: LogDestination): LogDestination {
  return {
    ...out,
    write: (line) => out.write(`<${priorities[/^\{"level":"(\w+)"/.exec(line)?.[1] ?? ''] ?? 6}>${line}`),
  };
}

const priorities: Readonly<Record<string, number>> = { fatal: 2, error: 3, warn: 4, info: 6, debug: 7, trace: 7 };

/** Turns the log's JSON lines into readable ones on their way to `out`. */
export function terminalOutput(out: LogDestination, colour: boolean): LogDestination {
  return {
    ...out,
    // pino leaves the logger that writes in `lastLogger`: stacks follow its level even when that changes later.
    [pino.symbols.needsMetadataGsym]: true,
    write(this: { readonly lastLogger?: Logger }, line: string): void {
      const record = JSON.parse(line) as LogRecord;
      out.write(readableLine(record, { colour, stack: this.lastLogger?.isLevelEnabled('debug') ?? false }));
    },
  } as LogDestination;
}

/** Puts the event first. pino puts it last, and people who scan lines look for it first. */
function eventFirst(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const [fields, event] = args as readonly unknown[];
  if (args.length === 2 && typeof event === 'string' && typeof fields === 'object' && !(fields instanceof Error)) {
    method.call(this, Object.assign({ event }, fields, { event }));
  } else {
    method.apply(this, args);
  }
}
