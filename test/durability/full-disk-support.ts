// Starts a daemon on a disk that is really full: a small file system in the daemon's own mount namespace.
import { spawnSync } from 'node:child_process';
import { cpSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Client } from '../support/client.js';
import { temporaryFolder, type Daemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { unshared, within } from '../support/namespace.js';
import { skipUnlessPossible } from '../support/skip.js';

const [unshare = '', ...options] = unshared('mount');
/** Why these tests can't run here; false if they can. */
export const missing = skipUnlessPossible(
  spawnSync(unshare, [...options, 'true']).status === 0,
  'unshare may not make a mount namespace here',
);

/** The words that run a command with a new file system of that size at `folder`. `prepare` runs before the command. */
export function mounted(folder: string, size: string, prepare = 'true'): readonly string[] {
  return [
    ...unshared('mount'),
    'sh',
    '-c',
    `mount -t tmpfs -o size=${size} salond ${folder} && ${prepare} && exec "$@"`,
    'sh',
  ];
}

/**
 * The words that run a command with a new file system that has a copy of `data` and no free byte.
 * @param size the file system's, as mount(8) takes it
 */
export function filled(folder: string, data: string, size = '6m'): readonly string[] {
  return mounted(
    folder,
    size,
    `cp -r ${data} ${folder}/data && { head -c 64m /dev/zero > ${folder}/filler 2>/dev/null || true; }`,
  );
}

/** Runs a command in the daemon's mount namespace. Throws if it fails. */
export function run(daemon: Daemon, ...command: readonly string[]): void {
  const [program = '', ...args] = [...within('mount', daemon.process.pid ?? 0), ...command];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** Creates a data folder with alice's messages, as a daemon leaves it that is ended by `signal`: SIGTERM or SIGKILL. */
export async function seeded(t: Test, signal: NodeJS.Signals, messages = 1): Promise<string> {
  const data = join(temporaryFolder(t), 'live');
  const daemon = hostDaemon(t, { data });
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const text = 'x'.repeat(messages > 1 ? 4000 : 10);
  // Some at a time: each commit writes pages into the log again, so that it becomes larger than what is in it.
  for (let sent = 0; sent < messages; sent += 20) {
    const some = Math.min(20, messages - sent);
    alice.send(
      ...Array.from({ length: some }, () => ({
        command: 'chatroom_message',
        username: 'alice',
        room: 'lobby',
        message: text,
      })),
    );
    for (let each = 0; each < some; each += 1) await alice.reply();
  }
  const seed = join(temporaryFolder(t), 'seed');
  const copy = (): void => cpSync(data, seed, { recursive: true, filter: (path) => !lstatSync(path).isSocket() });
  // What a killed daemon leaves is what the files of a running one hold.
  if (signal === 'SIGKILL') copy();
  await daemon.stop();
  if (signal !== 'SIGKILL') copy();
  return seed;
}
