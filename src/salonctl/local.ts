// Commands that are more than a request and its reply: those that read and write files, and the one that draws.
import type { ControlConnection } from './control-connection.js';
import { UsageError } from './words.js';

type Files = typeof import('./files.js');

interface Local {
  /** As it is typed. */
  readonly form: string;
  readonly summary: string;
  run(args: string[], connect: () => Promise<ControlConnection>): Promise<object>;
}

/** Takes `--name VALUE`, or `--name` alone, out of the arguments. */
function option(args: string[], name: string, alone = false): string | undefined {
  const at = args.indexOf(`--${name}`);
  if (at === -1) return undefined;
  const [, value] = args.splice(at, alone ? 1 : 2);
  if (alone) return '';
  if (value === undefined) throw new UsageError(`--${name} needs a value`);
  return value;
}

function only(args: readonly string[], what: string): string {
  const [first, ...others] = args;
  if (first === undefined || others.length > 0) throw new UsageError(`it takes one ${what}`);
  return first;
}

const data = (args: string[]): string => option(args, 'data') ?? '/var/lib/salond';

const files = (): Promise<Files> => import('./files.js');

export const local: Readonly<Record<string, Local>> = {
  backup: {
    form: 'backup FILE',
    summary: 'Write all data to a new file, checked, while the daemon goes on.',
    run: async (args, connect) => {
      const path = only(args, 'file');
      return (await files()).backUp(path, await connect());
    },
  },
  restore: {
    form: 'restore FILE [--data DIR] [--replace]',
    summary: 'Make a backup the data of a daemon that is stopped. With --replace, data that is there is moved aside.',
    run: async (args) => {
      const [folder, replace] = [data(args), option(args, 'replace', true) !== undefined];
      const path = only(args, 'file');
      return (await files()).restore(path, folder, replace);
    },
  },
  export: {
    form: 'export FILE [--from BACKUP]',
    summary: 'Write everything as lines of JSON to a new file, from the running daemon or from a backup.',
    run: async (args, connect) => {
      const from = option(args, 'from');
      const path = only(args, 'file');
      return (await files()).exportAll(path, from, connect);
    },
  },
  import: {
    form: 'import FILE [--data DIR]',
    summary: 'Make an export the data of a new daemon, in a folder that has none.',
    run: async (args) => {
      const folder = data(args);
      const path = only(args, 'file');
      return (await files()).importAll(path, folder);
    },
  },
  stats: {
    form: 'stats --watch',
    summary: 'Draw how the daemon is, every second, until it is interrupted.',
    run: async (args, connect) => {
      if (option(args, 'watch', true) === undefined || args.length > 0) throw new UsageError('stats takes --watch');
      const { watch } = await import('./watch.js');
      return watch(await connect(), process.stdout);
    },
  },
};
