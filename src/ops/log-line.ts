// Turns the log's JSON lines into lines for people at a terminal, one per event. Fields contain text that other people
// chose (names, file contents), so everything passes through `printable`.
import { printable } from '../text/printable.js';

/** One parsed line of the log. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** How a line is written. */
export interface LineStyle {
  /** Whether the level is coloured with SGR sequences. */
  readonly colour: boolean;
  /** Whether an error's stack follows the line, indented. */
  readonly stack: boolean;
}

const levelColours: Readonly<Record<string, string>> = {
  trace: '90',
  debug: '36',
  info: '32',
  warn: '33',
  error: '31',
  fatal: '41;97',
};

/**
 * The record as text for a terminal, with a line feed at its end: local time, level, event, then `key=value` fields.
 */
export function readableLine(record: LogRecord, style: LineStyle): string {
  const { level, time, event, err, ...fields } = record;
  const parts = [
    clock(time),
    levelName(String(level), style.colour),
    printable(typeof event === 'string' ? event : ''),
  ];
  for (const [key, value] of Object.entries(fields)) parts.push(field(key, value));
  if (err !== undefined) parts.push(field('err', message(err)));
  const stack = style.stack ? stackLines(err) : [];
  return [parts.join(' '), ...stack].join('\n') + '\n';
}

function clock(time: unknown): string {
  const at = new Date(String(time));
  const two = (part: number): string => String(part).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}

function levelName(level: string, colour: boolean): string {
  const name = printable(level).padEnd(5);
  const code = levelColours[level];
  return colour && code !== undefined ? `\u001b[${code}m${name}\u001b[0m` : name;
}

function field(key: string, value: unknown): string {
  return `${printable(key)}=${typeof value === 'string' ? word(value) : printable(JSON.stringify(value))}`;
}

/** Quotes a value if its end would be unclear without quotes, or if escapes had to be written in it. */
function word(text: string): string {
  const quoted = printable(JSON.stringify(text));
  return quoted === `"${text}"` && /^[^\s=]+$/u.test(text) ? text : quoted;
}

/**
 * The message of an Error, which pino writes as { type, message, stack }. Anything else under `err` is shown as it is.
 */
function message(err: unknown): unknown {
  return isErrorRecord(err) ? err.message : err;
}

function stackLines(err: unknown): readonly string[] {
  if (!isErrorRecord(err)) return [];
  return err.stack.split('\n').map((line) => `    ${printable(line)}`);
}

function isErrorRecord(err: unknown): err is { readonly message: string; readonly stack: string } {
  return (
    typeof err === 'object' &&
    err !== null &&
    'message' in err &&
    typeof err.message === 'string' &&
    'stack' in err &&
    typeof err.stack === 'string'
  );
}
