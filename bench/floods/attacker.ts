// The process of one attack. Its parent (attackers.ts) tells it when to begin and when to end. From the beginning on it
// gives up its processor to everybody else, because real attackers have processors of their own.
import { spawnSync } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { groundOf } from './attacks/list.js';
import type { FromAttacker, Orders } from './attackers.js';

const { name, ports, room, lifetime } = JSON.parse(process.argv[2] ?? '') as Orders;

// Nothing lets it outlive its parent, or its time.
process.on('disconnect', () => process.exit(0));
setTimeout(() => process.exit(1), lifetime).unref();

function tell(message: FromAttacker): void {
  if (process.connected) process.send?.(message);
}

/** Leaves the processors to everybody else: all threads have only the time that nobody else wants. */
function giveWay(): void {
  const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(process.pid)]);
  if (status !== 0) setPriority(constants.priority.PRIORITY_LOW);
}

/** Fulfils when the parent says that. */
function order(word: 'begin' | 'end'): Promise<void> {
  return new Promise((resolve) => {
    process.on('message', (message) => {
      if (message === word) resolve();
    });
  });
}

const [begin, end] = [order('begin'), order('end')];
const { attack, firstUser, net } = groundOf(name);
try {
  const start = await attack.setUp({ ...ports, room, firstUser, net });
  tell({ kind: 'ready' });
  await begin;
  if (attack.isHonest !== true && attack.isComparison !== true) giveWay();
  const stop = await start();
  await end;
  const report = await stop();
  tell({ kind: 'said', ...(typeof report === 'string' ? { text: report } : report) });
} catch (error) {
  tell({ kind: 'failed', text: error instanceof Error ? error.message : String(error) });
}
