// `stats`: draws the daemon's state every second, over the previous picture.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { columnsOf, jsonLine, print } from './output.js';
import { cell, type Results } from './show.js';
import type { Output } from './streams.js';
import { cut } from './table.js';
import { counted } from './units.js';

const bars = '▁▂▃▄▅▆▇█';

/** The most seconds that the curves go back. */
const seconds = 60;

interface Rate {
  readonly messages: number;
  readonly lines: number;
}

/** Draws values as a curve, one character each, with the largest at full height. */
export function curve(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values.map((value) => bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]).join('');
}

/** Columns before the curves, for a label, a number and a gap. */
const before = 25;

/**
 * The lines of one picture.
 * @param rates the rates of the last seconds, the newest last; the oldest are left out if there is not enough room
 * @param columns the width of the terminal; Infinity if there is none
 */
export function picture(now: Results, rates: readonly Rate[], columns = Infinity): string[] {
  const shown = rates.slice(-Math.max(1, Math.min(seconds, columns - before)));
  const last = shown.at(-1) ?? { messages: 0, lines: 0 };
  const text = (name: string): string => cell(name, now[name]);
  const line = (label: string, value: string, rest: string): string =>
    `${label.padEnd(11)}${value.padStart(11)}   ${rest}`;
  const rooms = counted(Number(now['rooms']), 'room');
  const number = (value: unknown): string => Math.round(Number(value)).toLocaleString('en');
  return [
    [
      `salond ${text('version')}, ${text('state')} for ${text('uptime')}`,
      `process ${text('pid')}, durability ${text('durability')}`,
    ].join(', '),
    '',
    line('connections', number(now['sessions']), `${text('users')} of them logged in; ${rooms} in use`),
    line('messages/s', number(last.messages), curve(shown.map(({ messages }) => messages))),
    line('lines/s', number(last.lines), curve(shown.map(({ lines }) => lines))),
    line('loop delay', number(now['loop_delay']), 'ms at most in the last second'),
    line('memory', text('memory'), `database ${text('database')}, log ${text('log')}`),
  ];
}

async function status(connection: ControlConnection): Promise<Results> {
  const { body }: ControlLine = await connection.ask({ command: 'status' });
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== 'command'));
}

/** The options of `watch`. */
export interface Watching {
  /** End after the first picture. */
  readonly once: boolean;
  /** Print a line of JSON instead of a picture. */
  readonly json: boolean;
}

/**
 * Draws until the process is interrupted or nobody reads the output. Rejects with Unreachable when the daemon is gone.
 */
export async function watch(connection: ControlConnection, out: Output, { once, json }: Watching): Promise<undefined> {
  let earlier = await status(connection);
  let at = performance.now();
  const rates: Rate[] = [];
  let height = 0;
  for (;;) {
    await sleep(1000);
    const now = await status(connection);
    const passed = (performance.now() - at) / 1000;
    at = performance.now();
    const rate = (name: string): number => (Number(now[name]) - Number(earlier[name])) / passed;
    rates.push({ messages: rate('messages'), lines: rate('delivered') });
    if (rates.length > seconds) rates.shift();
    earlier = now;
    // On a terminal each picture covers the one before, so no line may be wider than the terminal.
    const columns = out.isTTY === true ? (columnsOf(out) ?? 80) - 1 : Infinity;
    const lines = picture(now, rates, columns);
    const drawn = out.isTTY === true ? over(lines, height, columns) : `${lines.join('\n')}\n`;
    height = lines.length;
    if (!(await print(out, json ? jsonLine(now) : drawn)) || once) return undefined;
  }
}

/** The escape sequences and text that draw the lines over the last `height` lines. */
function over(lines: readonly string[], height: number, columns: number): string {
  const up = height === 0 ? '' : `\u001b[${height}A`;
  return up + lines.map((line) => `\r\u001b[K${cut(line, columns)}`).join('\n');
}
