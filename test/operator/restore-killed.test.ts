// Tests that a killed restore leaves either the old data or the new, never a mixture and never nothing. It is killed at
// one in four of its system calls, but at most ten of each kind, chosen by a seed. With KILL_POINTS=all, as in `npm run
// test:slow`, it is killed at every one.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Random } from '../fuzz/random.js';
import { launcher, temporaryFolder } from '../support/daemon.js';
import { filledFolder, head, killedFolder } from '../support/files.js';
import { salonctl } from '../support/salonctl.js';
import { noPrograms } from '../support/programs.js';
import { testSeed } from '../support/seed.js';

t.setTimeout(process.env['KILL_POINTS'] === 'all' ? 600_000 : 120_000);

const random = new Random(testSeed(t));

/** The points from 1 to `last` at which to kill, in order: one of every four, or of more if there are many, or all. */
function somePoints(last: number): readonly number[] {
  const spacing = process.env['KILL_POINTS'] === 'all' ? 1 : Math.max(4, Math.ceil(last / 10));
  const first = Array.from({ length: Math.ceil(last / spacing) }, (_, block) => block * spacing + 1);
  return first.map((each) => each + random.below(Math.min(spacing, last - each + 1)));
}

/**
 * The most calls of that kind that one thread of the trace makes. strace counts the calls of each thread separately.
 */
function mostCalls(trace: string, call: string): number {
  const threads = new Map<string, number>();
  for (const [, thread = ''] of trace.matchAll(new RegExp(`^(\\d+) +${call}\\(`, 'gm')))
    threads.set(thread, (threads.get(thread) ?? 0) + 1);
  return Math.max(0, ...threads.values());
}

// A restore is killed at system calls of each of these kinds.
for (const call of ['rename', 'fsync', 'unlink', 'pwrite64'] as const) {
  t.test(
    `after a restore is killed at any ${call}, the next start has the old data or the new`,
    { skip: noPrograms('strace') },
    async (t) => {
      const killed = await killedFolder(t);
      const backup = await filledFolder(temporaryFolder(t), 30);
      const found = new Set<number>();
      const restored = async (...options: readonly string[]): Promise<{ data: string; status: number | null }> => {
        const data = temporaryFolder(t);
        cpSync(killed, data, { recursive: true });
        const under = ['strace', '-f', '-qq', '-e', `trace=${call}`, ...options];
        const { status } = await salonctl(t, ['restore', backup, '--data', data, '--replace'], { under });
        return { data, status };
      };
      const trace = join(temporaryFolder(t), 'trace');
      const complete = await restored('-o', trace);
      t.equal(complete.status, 0, 'the restore is not killed');
      t.equal(await head(complete.data), 30);
      const last = mostCalls(readFileSync(trace, 'utf8'), call);
      let kills = 0;
      for (const when of somePoints(last)) {
        const { data, status } = await restored('-o', '/dev/null', '-e', `inject=${call}:signal=KILL:when=${when}`);
        if (status !== 0) kills += 1;
        const now = await head(data);
        found.add(now);
        if (now !== 70 && now !== 30) t.fail(`killed at ${call} ${when} it has ${now} messages`);
        const left = readdirSync(data).filter((name) => /unfinished|restored/.test(name));
        if (left.length > 0) t.fail(`killed at ${call} ${when} it leaves ${left.join(' ')}`);
      }
      t.ok(kills > 0, `killed ${kills} times, of ${last} points`);
      t.ok([...found].every((each) => each === 30 || each === 70));
    },
  );
}

t.test(
  'a restore that was interrupted between its renames is finished by the next start or check, and only once',
  async (t) => {
    const backup = await filledFolder(temporaryFolder(t), 30);
    const moved = ['', 'salond.db', 'salond.db-wal'];
    for (const upTo of [0, 1, 2]) {
      const data = await killedFolder(t);
      copyFileSync(backup, join(data, 'salond.db-restored-then'));
      for (const name of moved.slice(1, upTo + 1)) {
        cpSync(join(data, name), join(data, name.replace('salond.db', 'salond.db-replaced-then')));
        rmSync(join(data, name));
      }
      t.match(spawnSync(process.execPath, [launcher, '--check-data', data]), { status: 0 });
      t.equal(await head(data), 30);
      t.ok(existsSync(join(data, 'salond.db-replaced-then')) && existsSync(join(data, 'salond.db-replaced-then-wal')));
      t.notOk(existsSync(join(data, 'salond.db-restored-then')));
    }
  },
);
