// Commands that are more than a request and its reply: those that read and write files, and the one that draws.
import type { ControlConnection } from './control-connection.js';
import type { Results } from './show.js';
import { UsageError } from './errors.js';
import { type Group } from './words.js';

type Files = typeof import('./files.js');

/** What was typed for a command: the values of its options by name, true for those without one. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** What a command needs besides what was typed. */
export interface Context {
  readonly connect: () => Promise<ControlConnection>;
  readonly json: boolean;
}

/** A command that runs in salonctl itself: how it is typed, and what it does. */
export interface LocalCommand {
  readonly group: Group;
  readonly summary: string;
  /** The arguments, in order, each with its description. */
  readonly values: readonly (readonly [name: string, meaning: string])[];
  /** `--data DIR` or `--replace`, and what each is. */
  readonly options: readonly (readonly [flags: string, meaning: string, preset?: string])[];
  /** One that is typed, without the program, and what it may answer. */
  readonly example: readonly [typed: string, results: Results];
  /** Its first value is the file that it makes: where that is standard output, nothing else may stand there. */
  readonly makesFile?: true;
  /** Seconds to wait for each line from the daemon, where that is more than for other commands. */
  readonly patience?: number;
  /** Fulfils with results to show, or with nothing where all is shown already. */
  run(values: readonly string[], options: Options, context: Context): Promise<object | undefined>;
}

const files = (): Promise<Files> => import('./files.js');

/** The daemon makes a copy of all data before it sends any of it: that takes minutes where there is much. */
const copyPatience = 600;

const folder: LocalCommand['options'][number] = ['--data DIR', 'the data folder', '/var/lib/salond'];

/** Stands for standard output where a file is made, and for standard input where one is read. */
export const standardStream = '-';

/** Throws UsageError for `-`. */
function aFile(path: string): string {
  if (path === standardStream)
    throw new UsageError("this command needs a file: a backup can't be read from standard input");
  return path;
}

/** A path, or the descriptor of standard output. Throws UsageError where that is a terminal. */
function target(path: string): string | number {
  if (path !== standardStream) return path;
  if (process.stdout.isTTY)
    throw new UsageError('standard output is a terminal: send it to a file or to another program');
  return process.stdout.fd;
}

/** A path, or the descriptor of standard input. Throws UsageError where that is a terminal. */
function source(path: string): string | number {
  if (path !== standardStream) return path;
  if (process.stdin.isTTY) throw new UsageError('standard input is a terminal: send an export to it');
  return process.stdin.fd;
}

/** The commands by their names. */
export const local: Readonly<Record<string, LocalCommand>> = {
  stats: {
    group: 'Daemon',
    summary: 'Draw how the daemon is. With --watch, draw it anew every second until interrupted.',
    values: [],
    options: [['--watch', 'go on until interrupted (Ctrl-C)']],
    example: ['stats --watch', {}],
    run: async (_, options, { connect, json }) => {
      const { watch } = await import('./watch.js');
      return watch(await connect(), process.stdout, { once: options['watch'] !== true, json });
    },
  },
  backup: {
    group: 'Data',
    summary: 'Write a checked copy of all data to a new file while the daemon runs.',
    values: [['FILE', 'the file to make; - is standard output']],
    options: [],
    example: ['backup /var/backups/salond.db', { file: '/var/backups/salond.db', bytes: 3_250_000 }],
    makesFile: true,
    patience: copyPatience,
    run: async ([path = ''], _, { connect }) => (await files()).backUp(target(path), await connect()),
  },
  restore: {
    group: 'Data',
    summary: 'Make a backup the data of a stopped daemon. With --replace, existing data is moved aside.',
    values: [['FILE', 'a backup']],
    options: [folder, ['--replace', 'move existing data aside']],
    example: [
      'restore /var/backups/salond.db --replace',
      { data: '/var/lib/salond', replaced: 'salond.db-replaced-2026-11-26' },
    ],
    run: async ([path = ''], options) =>
      (await files()).restore(aFile(path), String(options['data']), options['replace'] === true),
  },
  export: {
    group: 'Data',
    summary: 'Write everything as lines of JSON to a new file, from the running daemon or from a backup.',
    values: [['FILE', 'the file to make; - is standard output']],
    options: [['--from BACKUP', 'export this backup; no daemon is needed then']],
    example: ['export everything.jsonl', { file: 'everything.jsonl', lines: 15_004 }],
    makesFile: true,
    patience: copyPatience,
    run: async ([path = ''], options, { connect }) => {
      const from = options['from'];
      return (await files()).exportAll(target(path), typeof from === 'string' ? aFile(from) : undefined, connect);
    },
  },
  import: {
    group: 'Data',
    summary: 'Make an export the data of a new daemon, in a folder that has none.',
    values: [['FILE', 'an export; - is standard input']],
    options: [folder],
    example: ['import everything.jsonl', { data: '/var/lib/salond', messages: 14_310 }],
    run: async ([path = ''], options) => (await files()).importAll(source(path), String(options['data'])),
  },
};
