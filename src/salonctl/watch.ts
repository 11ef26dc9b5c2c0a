// `stats`: how the daemon is, drawn anew every second where the last picture was.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { columnsOf, jsonLine, print } from './output.js';
import { cell, type Results } from './show.js';
import { cut } from './table.js';

const bars = '▁▂▃▄▅▆▇█';

/** Seconds that the little curves go back. */
const width = 60;

interface Rate {
  readonly messages: number;
  readonly lines: number;
}

/** A curve of the values, the largest of them at full height. */
export function curve(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values.map((value) => bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]).join('');
}

/** What one picture shows, the rates being those of the last seconds, the newest last. */
export function picture(now: Results, rates: readonly Rate[]): string[] {
  const last = rates.at(-1) ?? { messages: 0, lines: 0 };
  const text = (name: string): string => cell(name, now[name]);
  const number = (value: number): string => Math.round(value).toLocaleString('en').padStart(11);
  return [
    `salond ${text('version')}, ${text('state')} for ${text('uptime')}, process ${text('pid')}, ${text('durability')}`,
    '',
    `sessions  ${number(Number(now['sessions']))}   ${text('users')} logged in, ${text('rooms')} rooms in use`,
    `messages/s${number(last.messages)}   ${curve(rates.map(({ messages }) => messages))}`,
    `lines/s   ${number(last.lines)}   ${curve(rates.map(({ lines }) => lines))}`,
    `loop delay${number(Number(now['loop_delay']))}   ms at most in the last second`,
    `memory    ${text('memory').padStart(11)}   database ${text('database')}, log ${text('log')}`,
  ];
}

async function status(connection: ControlConnection): Promise<Results> {
  const {
    body: { command: _, ...now },
  }: ControlLine = await connection.ask({ command: 'status' });
  return now;
}

export interface Watching {
  /** Ends after the first picture. */
  readonly once: boolean;
  /** A line of JSON instead of a picture. */
  readonly json: boolean;
}

/** Until it is interrupted, nobody reads any more, or the daemon is gone: then it rejects with Unreachable. */
export async function watch(
  connection: ControlConnection,
  out: NodeJS.WriteStream,
  { once, json }: Watching,
): Promise<undefined> {
  let before = await status(connection);
  let at = performance.now();
  const rates: Rate[] = [];
  let height = 0;
  for (;;) {
    await sleep(1000);
    const now = await status(connection);
    const seconds = (performance.now() - at) / 1000;
    at = performance.now();
    const rate = (name: string): number => (Number(now[name]) - Number(before[name])) / seconds;
    rates.push({ messages: rate('messages'), lines: rate('delivered') });
    if (rates.length > width) rates.shift();
    before = now;
    const lines = picture(now, rates);
    // On a terminal each picture covers the last one, so no line may be wider than the terminal.
    const drawn = out.isTTY ? over(lines, height, (columnsOf(out) ?? 80) - 1) : `${lines.join('\n')}\n`;
    height = lines.length;
    if (!(await print(out, json ? jsonLine(now) : drawn)) || once) return undefined;
  }
}

/** The lines where the last `height` lines were. */
function over(lines: readonly string[], height: number, columns: number): string {
  const up = height === 0 ? '' : `\u001b[${height}A`;
  return up + lines.map((line) => `\r\u001b[K${cut(line, columns)}`).join('\n');
}
