// The commands that are more than one request: those that read and write files, and `stats`.
import type { ControlConnection } from './control-connection.js';
import type { Results } from './show.js';
import { UsageError } from './errors.js';
import type { Output } from './streams.js';
import { type Group } from './words.js';

/** The options that were typed for a command, by name; true for those without a value. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** What the program passes to a command. */
export interface Context {
  /** Connects to the daemon. */
  readonly connect: () => Promise<ControlConnection>;
  readonly json: boolean;
  /** Standard output, for a command that prints while it runs. */
  readonly stdout: Output;
  /** Prints a sentence to standard error. */
  readonly tell: (sentence: string) => Promise<void>;
}

/** A command that salonctl carries out by itself. */
export interface LocalCommand {
  readonly group: Group;
  readonly summary: string;
  /** The arguments, in order, each with its description. */
  readonly values: readonly (readonly [name: string, meaning: string])[];
  /** The options, such as `--data DIR` or `--replace`, each with its description and, if it has one, its default. */
  readonly options: readonly (readonly [flags: string, meaning: string, preset?: string])[];
  /** An example as it is typed, without the program, and possible results. */
  readonly example: readonly [typed: string, results: Results];
  /** Set if the first value is a file to create. If that is standard output, results go to standard error. */
  readonly makesFile?: true;
  /** Seconds to wait for each line from the daemon, if not the usual ten. */
  readonly patience?: number;
  /** Executes the command. Fulfils with the results to show; undefined if everything is shown already. */
  run(values: readonly string[], options: Options, context: Context): Promise<object | undefined>;
}

/** Seconds to wait for a backup. The daemon copies all data before it sends anything, which may take minutes. */
const copyPatience = 600;

const folder: LocalCommand['options'][number] = ['--data DIR', 'the data folder', '/var/lib/salond'];

const erasures: LocalCommand['options'][number] = [
  '--erasures LIST',
  'erase again whom this list has too, the salond.erasures of another folder',
];

/** The value of an option; undefined where it was not typed. */
function textOf(option: Options[string]): string | undefined {
  return typeof option === 'string' ? option : undefined;
}

/** The argument that means standard output for a file to write, and standard input for a file to read. */
export const standardStream = '-';

/** Returns the path. Throws UsageError for `-`. */
function filePath(path: string): string {
  if (path === standardStream)
    throw new UsageError("this command needs a file: a backup can't be read from standard input");
  return path;
}

/** Returns the path, or the descriptor of standard output for `-`. Throws UsageError if that is a terminal. */
function target(path: string): string | number {
  if (path !== standardStream) return path;
  if (process.stdout.isTTY)
    throw new UsageError('standard output is a terminal: send it to a file or to another program');
  return process.stdout.fd;
}

/** Returns the path, or the descriptor of standard input for `-`. Throws UsageError if that is a terminal. */
function source(path: string): string | number {
  if (path !== standardStream) return path;
  if (process.stdin.isTTY) throw new UsageError('standard input is a terminal: send an export to it');
  return process.stdin.fd;
}

/** The local commands by name. */
export const localCommands: Readonly<Record<string, LocalCommand>> = {
  stats: {
    group: 'Daemon',
    summary: 'Draw how the daemon is. With --watch, draw it anew every second until interrupted.',
    values: [],
    options: [['--watch', 'go on until interrupted (Ctrl-C)']],
    example: ['stats --watch', {}],
    run: async (_, options, { connect, json, stdout }) => {
      const { watch } = await import('./watch.js');
      return watch(await connect(), stdout, { once: options['watch'] !== true, json });
    },
  },
  'users export': {
    group: 'Users',
    summary:
      'Write all that is stored about a user as lines of JSON: what it is, has and wrote, and what others wrote to it privately.',
    values: [['USER', 'the user, who may be deleted']],
    options: [['--to FILE', 'the file to make; standard output when not given']],
    example: ['users export alice --to alice.jsonl', { file: 'alice.jsonl', lines: 214 }],
    patience: copyPatience,
    run: async ([user = ''], { to = standardStream }, { connect }) => {
      const file = target(String(to));
      const lines = await (await import('./personal.js')).exportUser(user, file, await connect());
      // On standard output nothing but the lines may stand.
      return typeof file === 'number' ? undefined : { file, lines };
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
    run: async ([path = ''], _, { connect }) => (await import('./backup.js')).backUp(target(path), await connect()),
  },
  restore: {
    group: 'Data',
    summary: 'Make a backup the data of a stopped daemon. With --replace, existing data is moved aside.',
    values: [['FILE', 'a backup']],
    options: [folder, ['--replace', 'move existing data aside'], erasures],
    example: [
      'restore /var/backups/salond.db --replace',
      { data: '/var/lib/salond', replaced: 'salond.db-replaced-2026-11-26' },
    ],
    run: async ([path = ''], options, { tell }) =>
      (await import('./backup.js')).restore(
        filePath(path),
        String(options['data']),
        options['replace'] === true,
        textOf(options['erasures']),
        tell,
      ),
  },
  export: {
    group: 'Data',
    summary:
      'Write everything as lines of JSON to a new file, from the running daemon or from a backup. With --follow, add each change until interrupted.',
    values: [['FILE', 'the file to make; - is standard output. With --follow, a file that is there is continued']],
    options: [
      ['--from BACKUP', 'export this backup; no daemon is needed then'],
      ['--follow', 'go on with what is stored later; each line has its position'],
      ['--after POSITION', 'with --follow, begin after the line with this position'],
    ],
    example: ['export everything.jsonl', { file: 'everything.jsonl', lines: 15_004 }],
    makesFile: true,
    patience: copyPatience,
    run: async ([path = ''], options, { connect }) => {
      const { from, after } = options;
      const isFollowing = options['follow'] === true;
      if (isFollowing && from !== undefined)
        throw new UsageError('--follow needs a daemon, and --from a backup: they do not go together');
      if (!isFollowing && after !== undefined) throw new UsageError('--after goes with --follow');
      if (isFollowing) {
        const to = path === standardStream ? process.stdout.fd : path;
        return (await import('./follow.js')).follow(to, typeof after === 'string' ? after : undefined, connect);
      }
      const isGiven = typeof from === 'string';
      return (await import('./export.js')).exportAll(target(path), isGiven ? filePath(from) : undefined, connect);
    },
  },
  import: {
    group: 'Data',
    summary: 'Make an export the data of a new daemon, in a folder that has none.',
    values: [['FILE', 'an export; - is standard input']],
    options: [folder, erasures],
    example: ['import everything.jsonl', { data: '/var/lib/salond', messages: 14_310 }],
    run: async ([path = ''], options) =>
      (await import('./export.js')).importAll(source(path), String(options['data']), textOf(options['erasures'])),
  },
};
