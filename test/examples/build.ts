// Builds the examples as their Makefiles do, in a copy of their folder.
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, temporaryFolder, type Teardown } from '../support/daemon.js';

/** Copies the folder `examples`. Answers the copy's path, where tests may leave files. */
export function copyExamples(t: Teardown): string {
  const folder = temporaryFolder(t);
  cpSync(join(root, 'examples'), folder, { recursive: true });
  return folder;
}

/** Runs a compiler or make in a folder. Throws what it said, where it has failed or warned. */
export function compile(folder: string, command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
}

/**
 * Builds an example by its Makefile. The programs connect again at once, so that tests need not wait. A warning is an
 * error. Answers the program's path.
 */
export function make(examples: string, name: string): string {
  const folder = join(examples, name);
  compile(folder, 'make', '--silent', 'CPPFLAGS=-DFIRST_WAIT=20 -Werror -fcallgraph-info=su');
  return join(folder, name);
}

/** What some object files take of a device, in bytes, without the C library. */
export interface Footprint {
  readonly code: number;
  /** Variables that live as long as the program. */
  readonly variables: number;
  /** The most of the stack, from `main` to the last function that it can come to. */
  readonly stack: number;
}

/** Measures object files that `make` has compiled, by size(1) and the graph of calls that the compiler has written. */
export function footprintOf(folder: string, names: readonly string[]): Footprint {
  const files = names.map((name) => `${name}.o`);
  const { stdout } = spawnSync('size', files, { cwd: folder, encoding: 'utf8' });
  const rows = stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/).map(Number));
  const sum = (column: number): number => rows.reduce((bytes, row) => bytes + (row[column] ?? 0), 0);
  const graphs = names.map((name) => readFileSync(join(folder, `${name}.ci`), 'utf8')).join('\n');
  return { code: sum(0) + sum(1), variables: sum(1) + sum(2), stack: deepest(graphs) };
}

/** The bytes of the deepest path of calls from `main`. Throws where a function calls itself, or a pointer. */
function deepest(graphs: string): number {
  const frames = new Map<string, number>();
  for (const [, name = '', bytes] of graphs.matchAll(/^node: \{ title: "([^"]+)".*\\n(\d+) bytes/gm))
    frames.set(name, Number(bytes));
  const calls = new Map<string, string[]>();
  for (const [, from = '', to = ''] of graphs.matchAll(/^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/gm))
    calls.set(from, [...(calls.get(from) ?? []), to]);
  const below = (name: string, callers: readonly string[]): number => {
    if (callers.includes(name) || name === '__indirect_call') throw new Error(`${callers.join(' > ')} > ${name}`);
    const next = (calls.get(name) ?? []).map((each) => below(each, [...callers, name]));
    return (frames.get(name) ?? 0) + Math.max(0, ...next);
  };
  return below('main', []);
}
