// Reads the command line: a few flags, three of which stand for settings. All other settings come from the file and the
// environment.

import { parseArgs } from 'node:util';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { setting } from './table.js';
import type { Key } from './table.js';

interface Flag {
  /** The name of the flag's value in --help; undefined if the flag takes none. */
  readonly argument?: string;
  /** The setting that the flag stands for. */
  readonly key?: Key;
  readonly explanation: string;
}

/** All flags, in the order of --help. */
export const commandLineFlags: Readonly<Record<string, Flag>> = {
  listen: {
    argument: 'HOST:PORT',
    key: 'listen',
    explanation: 'address, or path of a Unix socket, to listen on; may be repeated',
  },
  data: { argument: 'DIR', key: 'data', explanation: 'data folder' },
  config: { argument: 'FILE', explanation: 'settings file, in TOML' },
  'log-level': { argument: 'LEVEL', key: 'log_level', explanation: 'lowest level that is logged' },
  'check-config': { explanation: 'check all settings, print what is wrong, and exit' },
  'check-data': { argument: 'DIR', explanation: 'check all data in a folder that no daemon uses, and exit' },
  version: { explanation: 'print the version and exit' },
  help: { explanation: 'print this help and exit' },
};

/**
 * The values of each given flag, in order; '' for a flag that takes none. The values themselves are not checked yet.
 */
export type CommandLine = ReadonlyMap<string, readonly string[]>;

/**
 * Parses the arguments (without node and the program's name) into flags and values. Stops with a complaint at the first
 * argument that is not understood, because the next ones may be misplaced values.
 */
export function readCommandLine(argv: readonly string[], findings: Findings): CommandLine {
  const options = Object.fromEntries(
    Object.entries(commandLineFlags).map(([name, flag]) => [
      name,
      { type: flag.argument === undefined ? 'boolean' : 'string' } as const,
    ]),
  );
  // Not strict, because its error messages are long and suggest no similar names.
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true });
  const texts = new Map<string, readonly string[]>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const problem =
      token.kind === 'option' ? optionProblem(token) : `${JSON.stringify(token.value)}: unexpected argument`;
    if (problem !== undefined) {
      complain(findings, problem);
      break;
    }
    if (token.kind === 'option') texts.set(token.name, [...(texts.get(token.name) ?? []), token.value ?? '']);
  }
  return texts;
}

/**
 * Reads the flags that stand for settings into `findings`. If a flag is repeated the last one counts, except that
 * --listen adds up.
 */
export function takeFlags(commandLine: CommandLine, findings: Findings): void {
  for (const [name, values] of commandLine) {
    const key = commandLineFlags[name]?.key;
    if (key === undefined) continue;
    const value = key === 'listen' ? values : values.map((text) => setting(key).kind.fromText(text)).at(-1);
    take(findings, key, value, () => `--${name}:`);
  }
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function optionProblem({ name, rawName, value, inlineValue }: OptionToken): string | undefined {
  const flag = Object.hasOwn(commandLineFlags, name) ? commandLineFlags[name] : undefined;
  if (flag === undefined) {
    return `${rawName}: unknown option${suggestion(name, Object.keys(commandLineFlags), (known) => `--${known}`)}; --help lists them all`;
  }
  if (flag.argument === undefined) return value === undefined ? undefined : `${rawName}: takes no value`;
  if (value === undefined) return `${rawName}: needs a value, ${flag.argument}`;
  // In `--data --listen …` a value was forgotten. A folder that is really named --listen can be given as
  // --data=--listen.
  return inlineValue === false && value.startsWith('-')
    ? `${rawName}: needs a value, ${flag.argument}, before ${value}`
    : undefined;
}
