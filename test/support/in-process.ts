// Starts daemons in the test's own process, over a store of the test's choice.
import { Daemon, type Surroundings } from '../../src/daemon/daemon.js';
import type { OpenStore } from '../../src/daemon/store.js';
import { createLog } from '../../src/ops/log.js';
import { invocation, type Settings } from '../../src/ops/settings/settings.js';
import { cheapPasswords, type LogEntry } from './daemon.js';

/** A daemon that runs in this process. */
export interface InProcessDaemon {
  readonly daemon: Daemon;
  /** The port on 127.0.0.1 for clients. */
  readonly port: number;
  readonly log: readonly LogEntry[];
  /** The statuses with which the daemon wanted to end its process. */
  readonly exits: readonly number[];
}

function settingsOf(data: string, env: Readonly<Record<string, string>>): Settings {
  const asked = invocation(['--listen', '127.0.0.1:0', '--data', data], { ...cheapPasswords, ...env }, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  return asked.settings;
}

/**
 * Starts a daemon, which runs until `daemon.stop`.
 * @param data the data folder, in which the daemon creates its control socket
 * @param env settings, as variables of the environment
 */
export async function startInProcess(
  data: string,
  openStore: OpenStore,
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessDaemon> {
  const settings = settingsOf(data, env);
  const log: LogEntry[] = [];
  const exits: number[] = [];
  const write = (line: string): void => {
    log.push(JSON.parse(line) as LogEntry);
  };
  const surroundings: Surroundings = {
    log: createLog(settings.logLevel, { write }),
    version: 'test',
    readSettings: () => settings,
    notifier: undefined,
    inherited: { clients: [], control: [] },
    openStore,
    exit: (status) => {
      exits.push(status);
    },
  };
  const daemon = await Daemon.start(settings, surroundings);
  const { addresses } = log.find(({ event }) => event === 'ready') as unknown as { readonly addresses: string[] };
  return { daemon, port: Number(addresses[0]?.split(':').at(-1)), log, exits };
}
