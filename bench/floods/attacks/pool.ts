// What must not make a commit late: scans and history, which read the store, hashes, backups, and checkpoints. Beside
// it what a machine that is just as busy costs without the daemon.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashesAtOnce } from '../../../src/accounts/passwords.js';
import { guard } from '../../process.js';
import type { Attack, Target } from '../attack.js';
import { type Client, repeated, users, type Spread } from '../clients.js';
import { Control } from '../control.js';
import { big, bigLength, hashes } from '../data.js';
import { summary } from '../tally.js';
import { wrongPasswords } from './passwords.js';

/** How many sessions read history, and as many list rooms. */
const scanners = 16;

/** Sessions that send one kind of request after the other, the next once the last is answered. */
async function askers(
  target: Target,
  spread: Spread,
  line: (count: number) => string,
): Promise<() => () => Promise<string>> {
  const clients = await users(target, scanners, spread);
  for (const [index, client] of clients.entries())
    await client.ask(`join_chatroom load-${target.firstUser + (spread.user ?? 0) + index} ${big}`);
  return () => {
    let count = 0;
    const end = repeated(clients.length, async (index) => {
      count += 1;
      const answer = await clients[index]?.ask(line(count));
      if (answer === undefined || !answer.startsWith('1\t')) throw new Error('refused');
    });
    return async () => {
      for (const client of clients) client.close();
      await end();
      return summary(clients.map(({ tally }: Client) => tally));
    };
  };
}

/** Takes backup after backup, and reads each as it comes. */
function backups({ control: path }: Target): () => Promise<string> {
  const end = repeated(1, async (_, ended) => {
    const control = new Control(path);
    const done = control.ask({ command: 'back_up' }, 60_000);
    try {
      await Promise.race([done, ended]);
    } finally {
      control.close();
      // It may have been ended in its middle.
      await done.catch(() => undefined);
    }
  });
  return async () => `${await end()} backups`;
}

/**
 * How often the log of the store was begun anew, since the daemon made it: a checkpoint has copied all of it before
 * (SQLite's "WAL-mode file format", §1: the checkpoint sequence number). NaN if there is no log.
 */
function logsBegun({ control }: Target): number {
  try {
    const header = Buffer.alloc(32);
    const file = openSync(join(dirname(control), 'run', 'salond.db-wal'), 'r');
    readSync(file, header, 0, header.length, 0);
    closeSync(file);
    return header.readUInt32BE(12);
  } catch {
    return NaN;
  }
}

/** How many processes make hashes in `rivals`: as many as run at one time in the daemon, by default. */
const processes = hashesAtOnce();

/**
 * Processes that make the same hashes as the daemon would, without it, at the daemon's usual priority. They show what a
 * busy machine costs by itself.
 */
export const rivals: Attack = {
  name: 'rivals',
  title: `(to compare:) as many other processes as the daemon has threads for them make password hashes, ${processes} here`,
  isComparison: true,
  setUp: async () => () => {
    const { logN, r, p } = hashes.costly;
    const hash = `scryptSync('x', 'y', 64, { N: 2 ** ${logN}, r: ${r}, p: ${p}, maxmem: 2 ** 31 - 1 })`;
    // Ends with its parent, however that ends.
    const program = `const { scryptSync } = require('node:crypto');
      const parent = process.ppid;
      const next = () => { if (process.ppid === parent) { ${hash}; setImmediate(next); } };
      next();`;
    const all = Array.from({ length: processes }, () =>
      guard(spawn(process.execPath, ['-e', program], { stdio: 'ignore' })),
    );
    return async () => {
      for (const child of all) child.kill('SIGKILL');
      return '';
    };
  },
};

/** Whether a part of `pool` is measured: all are, unless POOL_PARTS names some, to find out what each costs. */
function isAsked(part: string): boolean {
  const asked = process.env['POOL_PARTS'];
  return asked === undefined || asked.split(',').includes(part);
}

/** Everything at once that needs the disk, the store and processors beside the commits. */
export const pool: Attack = {
  name: 'pool',
  title: `100 wrong passwords a second from 200 addresses, ${scanners} sessions that scan rooms, ${scanners} that read history, backup after backup, and checkpoints of what the talkers write`,
  users: 2 * scanners,
  hashes: 'costly',
  setUp: async (target) => {
    const scans = await askers(target, { perAddress: 16, from: 300 }, (count) =>
      JSON.stringify({ command: 'list_chatrooms', match: `l-${count % 1000}7`, limit: 1000 }),
    );
    const reads = await askers(target, { perAddress: 16, from: 301, user: scanners }, (count) =>
      JSON.stringify({
        command: 'chatroom_history',
        room: big,
        after: (count * 577) % (bigLength - 1000),
        limit: 1000,
      }),
    );
    const passwords = await wrongPasswords(target);
    return () => {
      const before = logsBegun(target);
      const all = [
        ['passwords', passwords],
        ['scans', scans],
        ['history', reads],
        ['operator', () => backups(target)],
      ] as const;
      const ends = all.filter(([name]) => isAsked(name)).map(([name, start]) => [name, start()] as const);
      return async () => {
        const parts = await Promise.all(ends.map(async ([name, end]) => `${name}: ${await end()}`));
        return `${parts.join('. ')}. The log was copied and begun anew ${logsBegun(target) - before} times`;
      };
    };
  },
};
