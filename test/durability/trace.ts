// Reads a trace that strace wrote: one entry per system call, with the lines of its beginning and its end.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible, type Skip } from '../support/skip.js';

/** One system call. */
export interface Call {
  readonly name: string;
  /** The path of the descriptor in the first argument, as `strace -y` adds it: a file's path, or `socket:[…]`. */
  readonly path: string;
  /** The arguments. Strings are escaped as strace writes them. */
  readonly text: string;
  readonly result: number;
  /** The number of the line on which the call began. */
  readonly begin: number;
  /** The number of the line on which the call returned. */
  readonly end: number;
}

const line = /^(?<pid>\d+)\s+(?<rest>.*)$/;
const unfinished = /^(?<start>.*) <unfinished \.\.\.>$/;
const resumed = /^<\.\.\. \w+ resumed>(?<rest>.*)$/;
const call = /^(?<name>\w+)\((?<text>.*)\)\s+= (?<result>-?\d+|\?)/s;
const descriptor = /^(?:\d+)<(?<path>[^>]*)>/;

/**
 * The words that trace a program, its threads and its children. Only the calls that `-e trace=` names stop it: without
 * the filter every call does, and most of the time goes into the stops. Not for `-e inject=` of a signal, which is not
 * sent then.
 */
export const strace: readonly string[] = ['strace', '--seccomp-bpf', '-f'];

/** Why a test that needs strace can't run here; false if it can. */
export function noStrace(): Skip {
  const missing = noPrograms('strace');
  if (missing !== false) return missing;
  return skipUnlessPossible(
    spawnSync('strace', [...strace.slice(1), '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0,
    'strace may not trace here',
  );
}

/** Decodes a path: with `-xx` paths are hexadecimal too. */
function unescaped(path: string): string {
  return path.replace(/\\x([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/**
 * Reads the calls of a trace of `strace -f -y -o`, in the order of their beginnings. Leaves out calls that never
 * returned.
 */
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
