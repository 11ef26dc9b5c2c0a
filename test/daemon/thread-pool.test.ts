// Tests that a commit never waits for a thread: a real daemon does everything at once that holds threads of libuv's
// pool, and what it has in the pool is counted, by a hook that Node.js calls for each.
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';

/** Threads of the pool, as the launcher decides. */
const threads = 16;

/** Password checks at one time in this test, and how many of the threads more of them could take. */
const [hashes, moreHashes] = [2, 6];

/**
 * Runs in the daemon before its first line. Notes the most work of each kind that was in the pool at one time, and of
 * all kinds together; writes it down when the process ends. Work is in the pool from the beginning of its request to
 * its callback. What the start needs is left out.
 */
const counter = (path: string): string => `
  const { createHook } = require('node:async_hooks');
  const { writeFileSync } = require('node:fs');
  const kindOf = (type) =>
    type.startsWith('sqlite3.') ? 'sqlite' : type === 'SCRYPTREQUEST' ? 'hashes' : /^(FSREQ|FILEHANDLECLOSE|GETADDRINFO)/.test(type) ? 'files' : undefined;
  const kinds = new Map();
  const now = { sqlite: 0, hashes: 0, files: 0, all: 0 };
  const most = { ...now };
  const end = (id) => {
    const kind = kinds.get(id);
    if (!kinds.delete(id)) return;
    now[kind] -= 1;
    now.all -= 1;
  };
  createHook({
    init(id, type) {
      const kind = kindOf(type);
      if (kind === undefined) return;
      // Until the first hash the daemon starts, and reads its own files.
      if (kind === 'hashes' && most.hashes === 0) Object.assign(most, now);
      kinds.set(id, kind);
      for (const each of [kind, 'all']) {
        now[each] += 1;
        most[each] = Math.max(most[each], now[each]);
      }
    },
    before: end,
    destroy: end,
  }).enable();
  process.on('exit', () => writeFileSync(${JSON.stringify(path)}, JSON.stringify(most)));
`;

interface Counted {
  readonly daemon: Daemon;
  /** Ends the daemon. Fulfils with the most of each kind that was in the pool at one time. */
  readonly most: () => Promise<Readonly<Record<'sqlite' | 'hashes' | 'files' | 'all', number>>>;
}

function startCounted(t: Test, env: Readonly<Record<string, string>> = {}): Counted {
  const folder = temporaryFolder(t);
  const [script, result] = [join(folder, 'counter.cjs'), join(folder, 'most.json')];
  writeFileSync(script, counter(result));
  const daemon = startDaemon(t, { env: { NODE_OPTIONS: `--require ${script}`, ...env } });
  return {
    daemon,
    most: async () => {
      await daemon.stop();
      return JSON.parse(readFileSync(result, 'utf8')) as Awaited<ReturnType<Counted['most']>>;
    },
  };
}

/** Sends requests and awaits as many replies. */
async function ask(client: Client, requests: readonly string[]): Promise<void> {
  client.send(...requests);
  for (const _ of requests) await client.reply();
}

/** Takes a backup over the control socket, and reads it to its end. */
async function backUp(control: string): Promise<void> {
  const socket = connect(control, () => socket.write('{"command":"back_up"}\nquit\n'));
  socket.resume();
  await once(socket, 'close');
}

t.test('pages, scans, hashes, checkpoints and a backup at once leave a thread for the commit', async (t) => {
  const { daemon, most } = startCounted(t, {
    SALOND_MESSAGES_PER_SECOND: '1000000',
    SALOND_PASSWORD_LOG_N: '12',
    SALOND_PASSWORD_THREADS: String(hashes),
  });
  const [port, control] = [await daemon.port(), await daemon.control()];
  const users = [1, 2, 3, 4, 5, 6].map((number) => `user${number}`);
  const clients = await Promise.all(
    users.map(async (user) => (await Client.connect(port)).enter(user, `room-of-${user}`)),
  );
  const text = 'x'.repeat(4000);
  // More than the 8 MiB of log after which it is copied into the database.
  for (let round = 0; round < 4; round += 1) {
    await Promise.all([
      ...clients.map((client, each) => {
        const [user, room] = [users[each] ?? '', `room-of-${users[each]}`];
        const messages = Array.from({ length: 90 }, () => `chatroom_message ${user} ${room} ${text}`);
        return ask(client, messages);
      }),
      ...users.flatMap((user, each) => [
        Client.connect(port).then(async (client) => {
          await ask(client, [
            `authenticate_user ${user} ${each % 2 === 0 ? `${user} password` : 'wrong password'}`,
            `join_chatroom ${user} room-of-${user}`,
            `chatroom_history room-of-${user}`,
            'list_chatrooms o',
            `list_users room-of-${user}`,
          ]);
          client.destroy();
        }),
        Client.connect(port).then(async (client) => {
          await ask(client, [`create_user new-${user}-${round} A B rabbit-hole`, 'list_chatrooms o']);
          client.destroy();
        }),
      ]),
      backUp(control),
    ]);
  }
  const counted = await most();
  t.comment(JSON.stringify(counted));
  t.equal(counted.hashes, hashes);
  // The two connections of the index of what was said may be busy at that moment.
  const isExpected = counted.sqlite >= 3 && counted.sqlite <= 5;
  t.ok(isExpected, `${counted.sqlite}: a commit, a read or a checkpoint, a backup, and the index`);
  t.ok(counted.all < threads - moreHashes, `${counted.all} at one time, of ${threads - moreHashes}`);
});

for (const [asked, expected] of [
  [undefined, threads],
  ['4', threads],
  ['20', 20],
] as const) {
  t.test(`with UV_THREADPOOL_SIZE ${asked ?? 'not set'} the pool has ${expected} threads`, async (t) => {
    const daemon = startDaemon(t, { env: asked === undefined ? {} : { UV_THREADPOOL_SIZE: asked } });
    await daemon.port();
    const found = daemon.log.find(({ event }) => event === 'thread_pool_raised');
    t.match(found, asked === undefined || asked === '20' ? undefined : { level: 'warn', asked, threads });
    const tasks = readdirSync(`/proc/${daemon.process.pid}/task`);
    // Node.js has some others, as many as the machine has processors.
    t.ok(tasks.length >= expected + 2 && tasks.length < expected + 12, `${tasks.length} threads`);
  });
}
