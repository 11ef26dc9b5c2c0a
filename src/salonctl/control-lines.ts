// Splits the bytes from the control socket into lines, and parses the lines.
import type { Socket } from 'node:net';
import { Unreachable } from './errors.js';

/** A reply or an event of the daemon. */
export interface ControlLine {
  readonly code: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The longest line that is accepted, in bytes. A list of a thousand items is shorter. */
const longestLine = 16 * 1024 * 1024;

/** The first characters of a text, for an error message. */
function startOf(text: string): string {
  const shown = text.slice(0, 40);
  return JSON.stringify(shown === text ? text : `${shown}…`);
}

/**
 * Yields the lines from the socket, without their line feeds. Only a line feed ends a line, because strings of JSON may
 * contain the other line separators. Throws Unreachable for a line of more than 16 MiB.
 */
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

/** Parses a line. Throws Unreachable if it is not from salond. */
export function parseLine(line: string): ControlLine {
  const [, code, json] = /^([1-9]\d{0,2})\t(\{.*\})\r?$/s.exec(line) ?? [];
  try {
    if (json !== undefined) return { code: Number(code), body: JSON.parse(json) as ControlLine['body'] };
  } catch {
    // The error below reports it.
  }
  throw new Unreachable(`it answers ${startOf(line)}: it is not salond's control socket.`);
}
