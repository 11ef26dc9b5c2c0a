// Reads what strace wrote: one entry per system call, with the place of its beginning and of its end among all lines.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible, type Skip } from '../support/skip.js';

export interface Call {
  readonly name: string;
  /** The first argument's path, as `strace -y` adds it: a file's, or `socket:[…]`. */
  readonly path: string;
  /** All that stands after the name, strings as strace escapes them. */
  readonly text: string;
  readonly result: number;
  /** When it began and when it returned, as numbers of lines. */
  readonly begin: number;
  readonly end: number;
}

const line = /^(?<pid>\d+)\s+(?<rest>.*)$/;
const unfinished = /^(?<start>.*) <unfinished \.\.\.>$/;
const resumed = /^<\.\.\. \w+ resumed>(?<rest>.*)$/;
const call = /^(?<name>\w+)\((?<text>.*)\)\s+= (?<result>-?\d+|\?)/s;
const descriptor = /^(?:\d+)<(?<path>[^>]*)>/;

/** Why a test that needs strace can't run here; false where it can. */
export function noStrace(): Skip {
  const missing = noPrograms('strace');
  if (missing !== false) return missing;
  return skipUnlessPossible(
    spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0,
    'strace may not trace here',
  );
}

/** With `-xx` paths are in hexadecimal too. */
function unescaped(path: string): string {
  return path.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** The calls of a trace that `strace -f -y -o` wrote, by their beginnings. Those that never returned are left out. */
export function readTrace(path: string): readonly Call[] {
  const calls: Call[] = [];
  const open = new Map<string, { readonly start: string; readonly begin: number }>();
  for (const [number, entry] of readFileSync(path, 'latin1').split('\n').entries()) {
    const { pid = '', rest = '' } = line.exec(entry)?.groups ?? {};
    const start = unfinished.exec(rest)?.groups?.['start'];
    if (start !== undefined) {
      open.set(pid, { start, begin: number });
      continue;
    }
    const end = resumed.exec(rest)?.groups?.['rest'];
    const { start: begun = '', begin = number } = end === undefined ? {} : (open.get(pid) ?? {});
    if (end !== undefined) open.delete(pid);
    const { name, text = '', result } = call.exec(`${begun}${end ?? rest}`)?.groups ?? {};
    if (name === undefined) continue;
    calls.push({
      name,
      path: unescaped(descriptor.exec(text)?.groups?.['path'] ?? ''),
      text,
      result: Number(result),
      begin,
      end: number,
    });
  }
  return calls.sort((a, b) => a.begin - b.begin);
}
