// `stats --watch`: how the daemon is, drawn anew every second where the last picture was.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { cell, duration } from './show.js';

type Status = Readonly<Record<string, unknown>>;

const bars = '▁▂▃▄▅▆▇█';

/** Seconds that the little curves go back. */
const width = 60;

/** A curve of the values, the largest of them at full height. */
export function curve(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values.map((value) => bars[Math.min(bars.length - 1, Math.floor((value / most) * bars.length))]).join('');
}

/** What one picture shows; `before` is the status a second ago. */
export function picture(now: Status, rates: readonly { readonly messages: number; readonly lines: number }[]): string[] {
  const last = rates.at(-1) ?? { messages: 0, lines: 0 };
  const text = (name: string): string => cell(name, now[name]);
  const number = (value: number): string => Math.round(value).toLocaleString('en').padStart(11);
  return [
    `salond ${text('version')}, ${text('state')} for ${duration(Number(now['uptime']))}, process ${text('pid')}, ${text('durability')}`,
    '',
    `sessions  ${number(Number(now['sessions']))}   of users ${cell('users', now['users'])}, rooms ${cell('rooms', now['rooms'])}`,
    `messages/s${number(last.messages)}   ${curve(rates.map(({ messages }) => messages))}`,
    `lines/s   ${number(last.lines)}   ${curve(rates.map(({ lines }) => lines))}`,
    `loop delay${number(Number(now['loop_delay']))}   ms at most in the last second`,
    `memory    ${cell('memory', now['memory']).padStart(11)}   database ${cell('database', now['database'])}, log ${cell('log', now['log'])}`,
  ];
}

async function status(connection: ControlConnection): Promise<Status> {
  const { body }: ControlLine = await connection.ask({ command: 'status' });
  return body;
}

/** Until it is interrupted, or the daemon is gone: then `ask` rejects. */
export async function watch(connection: ControlConnection, out: NodeJS.WritableStream): Promise<never> {
  let before = await status(connection);
  let at = performance.now();
  const rates: { readonly messages: number; readonly lines: number }[] = [];
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
    // Up to the last picture's first line, and each line over what stood there.
    out.write(`${height === 0 ? '' : `\u001b[${height}A`}${lines.map((line) => `\r\u001b[K${line}\n`).join('')}`);
    height = lines.length;
  }
}
