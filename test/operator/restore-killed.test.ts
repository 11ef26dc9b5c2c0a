// A restore is whole at every moment: killed anywhere it leaves the old data or the new, never a mixture and never nothing.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { launcher, temporaryFolder } from '../support/daemon.js';
import { filledFolder, head, killedFolder } from '../support/files.js';
import { salonctl } from '../support/salonctl.js';
import { noPrograms } from '../support/programs.js';

t.setTimeout(120_000);

// Every system call of these kinds that a restore makes is its last one, once.
for (const call of ['rename', 'fsync', 'unlink', 'pwrite64'] as const) {
  t.test(
    `a restore that is killed at any ${call} leaves the old data or the new, and the next start has it`,
    { skip: noPrograms('strace') },
    async (t) => {
      const killed = await killedFolder(t);
      const backup = await filledFolder(temporaryFolder(t), 30);
      const found = new Set<number>();
      let kills = 0;
      for (let when = 1; ; when += 1) {
        const data = temporaryFolder(t);
        cpSync(killed, data, { recursive: true });
        const under = [
          'strace',
          '-f',
          '-qq',
          '-o',
          '/dev/null',
          '-e',
          `trace=${call}`,
          '-e',
          `inject=${call}:signal=KILL:when=${when}`,
        ];
        const { status } = await salonctl(t, ['restore', backup, '--data', data, '--replace'], { under });
        if (status !== 0) kills += 1;
        const now = await head(data);
        found.add(now);
        if (now !== 70 && now !== 30) t.fail(`killed at ${call} ${when} it has ${now} messages`);
        const left = readdirSync(data).filter((name) => /unfinished|restored/.test(name));
        if (left.length > 0) t.fail(`killed at ${call} ${when} it leaves ${left.join(' ')}`);
        if (status === 0 || when > 40) break;
      }
      t.ok(kills > 0, `killed ${kills} times`);
      t.ok([...found].every((each) => each === 30 || each === 70));
    },
  );
}

t.test(
  'a restore that was interrupted between its renames is finished by whoever comes next, and never twice',
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
