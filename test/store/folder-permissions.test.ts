// What the daemon makes of a data folder that permissions keep from it: one clear line, exit code 65, and nothing touched.
// Root may write everywhere: where it runs the tests, the daemon runs as another user.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { cheapPasswords, launcher, temporaryFolder } from '../support/daemon.js';
import { contents, host, isRefusal, works } from './folder-support.js';
import { skipUnlessPossible, type Skip } from '../support/skip.js';

const nobody = { uid: 65_534, gid: 65_534 } as const;
const isRoot = process.getuid?.() === 0;

/** Why the daemon can't be run here as a user that may not write everywhere; false where it can. */
function noOtherUser(): Skip {
  if (!isRoot) return false;
  const { status } = spawnSync(process.execPath, [launcher, '--version'], { ...nobody, stdio: 'ignore' });
  return skipUnlessPossible(
    status === 0,
    'the tests run as root, and user 65534 can not read the project: run them as another user',
  );
}

/** Starts the daemon as a user whom permissions bind. */
async function refusedAsOther(t: Test, outer: string, data: string, says: string): Promise<void> {
  const before = contents(outer);
  let text = '';
  const child = spawn(process.execPath, [launcher, '--listen', '127.0.0.1:0', '--data', data], {
    ...(isRoot ? nobody : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    // Node.js would hand it on, and this user could not write there.
    env: { PATH: process.env['PATH'] ?? '', NODE_V8_COVERAGE: '', ...cheapPasswords },
  });
  t.teardown(() => child.kill('SIGKILL'));
  child.stderr.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  // A daemon that starts, and says so, is not waited for.
  child.stdout.once('data', () => child.kill('SIGKILL'));
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  isRefusal(t, code, text, says);
  t.same(contents(outer), before, 'every file is as before, and none is new');
}

t.test('where permissions forbid it', { skip: noOtherUser() }, async (t) => {
  const outer = temporaryFolder(t);
  chmodSync(outer, 0o755);

  await t.test('a folder that may not be written is refused', async (t) => {
    const data = join(outer, 'empty');
    mkdirSync(data);
    chmodSync(data, 0o555);
    await refusedAsOther(t, outer, data, `${data} is not writable`);
  });

  await t.test('a folder that may not be made is refused', async (t) => {
    chmodSync(outer, 0o555);
    await refusedAsOther(t, outer, join(outer, 'new'), `${join(outer, 'new')} can't be made: permission denied`);
    chmodSync(outer, 0o755);
  });

  await t.test(
    'a database or lock that may only be read is refused, in a folder that may be written or not',
    async (t) => {
      const cases = [
        { mode: 0o555, readable: ['salond.db', 'salond.lock'] },
        { mode: 0o755, readable: ['salond.db', 'salond.lock'] },
        { mode: 0o755, readable: ['salond.db'] },
        { mode: 0o755, readable: ['salond.lock'] },
      ];
      for (const [index, { mode, readable }] of cases.entries()) {
        const data = join(outer, `kept-${index}`);
        const daemon = host(t, data);
        await works(daemon);
        await daemon.stop();
        for (const name of ['.', ...readdirSync(data)]) if (isRoot) chownSync(join(data, name), nobody.uid, nobody.gid);
        for (const name of readable) chmodSync(join(data, name), 0o444);
        chmodSync(data, mode);
        await refusedAsOther(t, outer, data, data);
        chmodSync(data, 0o755);
      }
    },
  );

  await t.test(
    "another user's database is refused",
    { skip: skipUnlessPossible(isRoot, 'only root can make one') },
    async (t) => {
      const data = join(outer, 'private');
      const daemon = host(t, data);
      await works(daemon);
      await daemon.stop();
      chmodSync(data, 0o777);
      await refusedAsOther(t, outer, data, `${join(data, 'salond.db')} can't be read: permission denied`);
    },
  );
});
