// The program's log. An entry has the name of an event and fields, and never a sentence with values inside:
// `log.info({ addresses }, 'ready')`. It is written to standard output as one line of JSON or, on a terminal, as a
// readable line (log-line.ts). No password, token or message text is ever a field.

import { fstatSync } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { DestinationStream, LevelWithSilent, LogFn, Logger } from 'pino';
import { LineOutput } from './line-output.js';
import { readableLine } from './log-line.js';
import type { LogRecord } from './log-line.js';
import { printableLine } from '../text/printable.js';
import { RepeatedEvents } from './repeated-events.js';

export type { DestinationStream, Logger } from 'pino';

/** The output for the log's lines. */
export interface LogDestination extends DestinationStream {
  /** Writes what is queued, in bounded time. Called after a fatal event and when the process ends. */
  flushSync?(): void;
  /** Calls `listener` with the number of dropped lines once lines can be written again. */
  onDropped?(listener: (lines: number) => void): void;
}

/**
 * Creates the logger. `level` is the least severe level that is written; 'silent' is none. `destination` gets complete
 * lines. Callers must not set the fields `level`, `time` and `event`. An Error is passed as the field `err`.
 */
export function createLog(level: LevelWithSilent, destination: LogDestination = standardOutput()): Logger {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'event',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { logMethod: writeEvents(new RepeatedEvents()), streamWrite: printableLine },
    },
    destination,
  );
  destination.onDropped?.((lines) => log.warn({ lines }, 'log_lines_dropped'));
  return log;
}

/** Whether the text is the name of a level. */
export function isLevel(level: string): level is LevelWithSilent {
  return level === 'silent' || level in pino.levels.values;
}

/**
 * The log's output: standard output, or `fd`. A file has each line before the call returns, so a process that dies
 * loses none. A pipe, a terminal or a socket is never waited for (line-output.ts), so a log without a reader stops
 * nothing.
 */
export function standardOutput({
  fd = 1,
  terminal = isatty(fd),
  env = process.env,
}: {
  readonly fd?: number;
  readonly terminal?: boolean;
  readonly env?: NodeJS.ProcessEnv;
} = {}): LogDestination {
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

/** Whether `fd` is the journal. The service manager tells which file that is (systemd.exec(5), JOURNAL_STREAM). */
function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  if (env['JOURNAL_STREAM'] === undefined) return false;
  const { dev, ino } = fstatSync(fd);
  return env['JOURNAL_STREAM'] === `${dev}:${ino}`;
}

/** Prefixes each line with a priority, which tells the journal its level (sd-daemon(3)). */
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
    // With this symbol pino sets `lastLogger` to the logger that writes. Its level decides about stacks.
    [pino.symbols.needsMetadataGsym]: true,
    write(this: { readonly lastLogger?: Logger }, line: string): void {
      const record = JSON.parse(line) as LogRecord;
      out.write(readableLine(record, { colour, stack: this.lastLogger?.isLevelEnabled('debug') ?? false }));
    },
  } as LogDestination;
}

/**
 * Moves the event to the front, where people who scan lines look: pino puts it last. Counts failures that repeat,
 * instead of writing each.
 */
function writeEvents(repeats: RepeatedEvents) {
  return function (this: Logger, args: Parameters<LogFn>, method: LogFn): void {
    const [fields, event] = args as readonly unknown[];
    if (args.length !== 2 || typeof event !== 'string' || typeof fields !== 'object' || fields instanceof Error) {
      method.apply(this, args);
      return;
    }
    const write = (repeated?: number): void => {
      const counted = repeated === undefined ? undefined : { repeated };
      method.call(this, Object.assign({ event }, fields, { event }, counted));
    };
    if (repeats.isNew(event, fields ?? {}, write)) write();
  };
}
