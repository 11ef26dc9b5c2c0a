// What comes from the control socket, cut into lines and read.
import type { Socket } from 'node:net';
import { Unreachable } from './errors.js';

/** What the daemon answered, or an event of it. */
export interface ControlLine {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The longest line that is waited for: a list of a thousand items is below it. */
const longestLine = 16 * 1024 * 1024;

/** Cut for a message. */
function start(text: string): string {
  const shown = text.slice(0, 40);
  return JSON.stringify(shown === text ? text : `${shown}…`);
}

/** The lines that come, without their ends. Only a line feed ends one: strings of JSON may have other separators. */
export async function* linesOf(socket: Socket): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      from = end + 1;
      const line = Buffer.concat(parts).toString();
      parts = [];
      length = 0;
      yield line;
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longestLine)
      throw new Unreachable(`it sends a line of more than ${longestLine / 1024 / 1024} MiB: it is not salond.`);
  }
}

/** Throws Unreachable where it is no line of salond's. */
export function parsed(line: string): ControlLine {
  const [, code, json] = /^([1-9]\d{0,2})\t(\{.*\})\r?$/s.exec(line) ?? [];
  try {
    if (json !== undefined) return { code: Number(code), body: JSON.parse(json) as ControlLine['body'] };
  } catch {
    // Said below.
  }
  throw new Unreachable(`it answers ${start(line)}: it is not salond's control socket.`);
}
