// `npm run bench:parser`: counts the instructions that the parser needs for a line, with callgrind, because timings
// vary too much. Each way runs with two different numbers of lines, and the difference excludes what Node.js itself
// needs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Framer } from '../src/wire/framer.js';
import { commandSpecs } from '../src/wire/generated/command-specs.js';
import { parseGeneral, parseRequest } from '../src/wire/request.js';
import { BenchError, fromCommandLine } from './arguments.js';
import { table } from './markdown.js';
import { isInstalled } from './process.js';
import { makeWorkFolder } from './work-folder.js';

const { chatroom_message: spec } = commandSpecs;
const line = JSON.stringify({ command: spec.name, username: 'load-7', room: 'run-1-42', message: 'x'.repeat(100) });
const typed = `${spec.name} load-7 run-1-42 ${'x'.repeat(100)}`;

/** The number of lines in a chunk that a socket delivers under load. */
const linesAChunk = 300;

const ways = {
  'bytes to lines': (count: number): void => {
    const chunk = Buffer.from(`${line}\n`.repeat(linesAChunk));
    const framer = new Framer(65_536);
    for (let chunks = count / linesAChunk; chunks > 0; chunks -= 1) {
      framer.push(chunk);
      while (framer.next() !== undefined);
    }
  },
  'the common line to a request': (count: number): void => {
    for (let left = count; left > 0; left -= 1) parseRequest(line);
  },
  'the same line by the general parser': (count: number): void => {
    for (let left = count; left > 0; left -= 1) parseGeneral(line);
  },
  'a typed line': (count: number): void => {
    for (let left = count; left > 0; left -= 1) parseRequest(typed);
  },
} as const;

type Way = keyof typeof ways;

/** Instructions of a whole process that takes `count` lines. */
function instructions(way: Way, count: number, folder: string): number {
  const options = [
    '--tool=callgrind',
    '--smc-check=all-non-file',
    `--callgrind-out-file=${join(folder, 'callgrind.out')}`,
    '--log-fd=1',
  ];
  // One thread, so that compiling and collecting are counted where they are caused, and the same in every run.
  const node = [
    process.execPath,
    '--single-threaded',
    '--predictable-gc-schedule',
    fileURLToPath(import.meta.url),
    way,
    String(count),
  ];
  const said = execFileSync('valgrind', [...options, ...node], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [, counted] = /Collected : (\d+)/.exec(said) ?? [];
  if (counted === undefined) throw new BenchError(`callgrind counted nothing: ${said}`);
  return Number(counted);
}

const [few, many] = [60_000, 120_000] as const;

function count(): void {
  if (!isInstalled('valgrind')) throw new BenchError('callgrind is not installed: apt-get install valgrind');
  const folder = makeWorkFolder();
  const rows = (Object.keys(ways) as Way[]).map((way) => {
    const perLine = (instructions(way, many, folder) - instructions(way, few, folder)) / (many - few);
    return [way, String(Math.round(perLine))];
  });
  process.stdout.write(`${table(['way', 'instructions a line'], rows)}\n`);
}

const [way, lines] = process.argv.slice(2);
if (way === undefined) await fromCommandLine(async () => count());
else ways[way as Way](Number(lines));
