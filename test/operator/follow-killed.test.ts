// `salonctl export FILE --follow` under kill -9 at either end: messages and changes flow while salonctl or the daemon
// is killed at random moments and started again. In the end the file has every change once, in order. `npm run
// test:slow` kills more often.
import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { Random } from '../fuzz/random.js';
import { exportOf, feedAfter, messagesIn, rowsIn, without } from '../store/feed-lines.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import type { Line } from '../support/files.js';
import { starting, type Running } from '../support/salonctl.js';
import { testSeed } from '../support/seed.js';

const kills = Number(process.env['FOLLOW_KILLS'] ?? 3);
const random = new Random(testSeed(t));

/** Makes one change after the other until the daemon is gone. */
async function change(port: number, begun: () => void): Promise<number> {
  let changes = 0;
  try {
    const [alice, bob] = [await Client.connect(port), await Client.connect(port)];
    await bob.enter('bob', 'lobby');
    await alice.enter('alice', 'lobby', 'den');
    for (; ; changes += 1) {
      const text = `text ${random.below(1e9)}${' and more'.repeat(random.below(40))}`;
      const say = { command: 'chatroom_message', username: 'alice', room: random.once(3) ? 'den' : 'lobby' };
      const requests: readonly [object, ...object[]] = [
        say,
        say,
        say,
        { command: 'direct_message', to: 'bob' },
        { command: 'set_topic', room: 'den', topic: text.slice(0, 300) },
        { command: 'set_role', room: 'den', user: 'bob', role: random.once(2) ? 'moderator' : 'muted' },
        { command: random.once(2) ? 'ban_user' : 'unban_user', room: 'den', user: 'bob' },
        { command: random.once(2) ? 'block_user' : 'unblock_user', user: 'bob' },
        { command: 'create_token', label: text.slice(0, 20) },
        { command: 'mark_read', room: 'den', id: 0 },
        { command: 'update_user', status: text.slice(0, 90) },
      ];
      // Several at once, so that some share a commit.
      for (let count = 1 + random.below(6); count > 1; count -= 1) alice.send({ ...say, message: `${text} ${count}` });
      await alice.request({ message: text, ...random.pick(requests) });
      if (changes === 3) begun();
    }
  } catch {
    // The daemon was killed.
  }
  begun();
  return changes;
}

/** The whole lines of a file. */
function linesOf(path: string): Line[] {
  const text = readFileSync(path, 'utf8');
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

async function untilFileHas(path: string, message: string): Promise<void> {
  while (!readFileSync(path, 'utf8').includes(`"${message}"`)) await pause(20);
}

/** Kills the follower. What it wrote last may be there in part, as it may be after any kill. */
async function kill({ child, ended }: Running, file: string): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  if (existsSync(file) && random.once(2)) truncateSync(file, Math.max(0, statSync(file).size - random.below(3000)));
}

async function play(t: Test, data: string, file: string): Promise<number> {
  let changes = 0;
  let daemon: Daemon | undefined;
  let follower: Running | undefined;
  for (let round = 0; round < kills; ) {
    daemon = startDaemon(t, { data });
    const socket = await daemon.control();
    follower ??= starting(t, ['export', file, '--follow'], { socket });
    let changing: Promise<number> = Promise.resolve(0);
    const port = await daemon.port();
    await new Promise<void>((resolve) => {
      changing = change(port, resolve);
    });
    // The follower is killed again and again, and the daemon once in a while.
    for (;;) {
      await pause(random.below(400));
      round += 1;
      if (random.once(2) || round >= kills) break;
      await kill(follower, file);
      follower = starting(t, ['export', file, '--follow'], { socket });
    }
    await daemon.stop('SIGKILL');
    changes += await changing;
    // It ends by itself where the daemon does.
    if (random.once(2)) await kill(follower, file);
    else await follower.ended;
    follower = undefined;
  }
  return changes;
}

t.test(`a file that follows has every change once, in order, over ${kills} kills at either end`, async (t) => {
  const data = temporaryFolder(t);
  const file = join(temporaryFolder(t), 'feed.jsonl');
  const changes = await play(t, data, file);
  const daemon = startDaemon(t, { data });
  const follower = starting(t, ['export', file, '--follow'], { socket: await daemon.control() });
  const alice = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  await alice.say('alice', 'lobby', 'the end');
  await untilFileHas(file, 'the end');
  alice.destroy();
  // What the end of the session changes comes too.
  await daemon.stop();
  await follower.ended;

  const lines = linesOf(file);
  const store = await SqliteStore.open(data);
  const { position } = (lines.at(-1) ?? {}) as { readonly position?: string };
  // Anything that was stored after the file's end, at the stop of the daemon.
  lines.push(...(await feedAfter(store, position ?? '')));
  await store.close();
  const positions = lines.map((line) => String(line['position']));
  t.equal(new Set(positions).size, positions.length, 'no change is repeated');
  const all = await exportOf(data);
  t.same(
    messagesIn(lines).map((line) => without(line, 'position')),
    messagesIn(all),
    'every message once, in the order of the commits',
  );
  t.same(rowsIn(lines), rowsIn(all), 'the last line of each row is the row');
  t.comment(`${changes} changes, ${messagesIn(lines).length} messages, ${lines.length} lines, ${kills} kills`);
});
