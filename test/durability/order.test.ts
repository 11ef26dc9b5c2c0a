// Tests the order of system calls by strace (PROTOCOL.md §5.1): before the first byte of a success, or of the message
// for others, is written to a socket, a sync of the write-ahead log has returned that covers what the request stored.
// With relaxed durability the log is written before, and no sync is awaited.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Durability } from '../../src/store/log.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { noStrace, readTrace, strace, type Call } from './trace.js';

const writes: ReadonlySet<string> = new Set([
  'write',
  'writev',
  'pwrite64',
  'pwritev',
  'sendto',
  'sendmsg',
  'sendmmsg',
]);
const reads: ReadonlySet<string> = new Set(['read', 'readv', 'recvfrom', 'recvmsg']);
const syncs: ReadonlySet<string> = new Set(['fsync', 'fdatasync']);
const traced = [...writes, ...reads, ...syncs];

const words = [...strace, '-D', '-y', '-s', '65536', '-e', `trace=${traced.join()}`, '-e', 'signal=none'] as const;

interface Traced {
  readonly daemon: Daemon;
  /** Stops the daemon and reads what it did. */
  readonly finish: () => Promise<readonly Call[]>;
}

function startTraced(t: Test, data: string, durability: Durability = 'full'): Traced {
  const output = join(temporaryFolder(t), 'trace');
  const under = [...words, '-o', output];
  const daemon = startDaemon(t, { data, under, env: { SALOND_DURABILITY: durability } });
  return {
    daemon,
    finish: async () => {
      // The stop fulfils when the daemon's output closes, and strace keeps it open until the trace is written.
      await daemon.stop();
      return readTrace(output);
    },
  };
}

const onLog = ({ path }: Call): boolean => path.endsWith('/salond.db-wal');
const onSocket = ({ path }: Call): boolean => path.startsWith('socket:') || path.startsWith('TCP:');

/** The first call with one of those names, on the log or a socket, that carries the text. Throws if there is none. */
function first(calls: readonly Call[], names: ReadonlySet<string>, where: (call: Call) => boolean, text: string): Call {
  const found = calls.find((call) => names.has(call.name) && where(call) && call.text.includes(text));
  if (found === undefined) throw new Error(`the trace has no ${text}`);
  return found;
}

const isSync = ({ name, result }: Call): boolean => syncs.has(name) && result === 0;

/**
 * Whether a sync of the log began after one call and returned before the other. A transaction is synced once, at its
 * end, so the first sync after one of its writes covers all of it.
 */
function syncedBetween(calls: readonly Call[], after: Call, before: Call): boolean {
  const syncsOfLog = calls.filter((call) => isSync(call) && onLog(call));
  return syncsOfLog.some(({ begin, end }) => begin > after.end && end < before.begin);
}

t.test('the order of system calls', { skip: noStrace() }, async (t) => {
  const data = temporaryFolder(t);

  await t.test(
    'with one request at a time, everything it wrote to the log is synced before its success is sent',
    async (t) => {
      const { daemon, finish } = startTraced(t, data);
      const port = await daemon.port();
      const bob = await (await Client.connect(port)).enter('bob', 'lobby');
      const alice = await Client.connect(port);
      const user = { first_name: 'A', last_name: 'B', password: 'alice password' };
      await alice.ok({ command: 'create_user', username: 'alice', ...user, ref: 'ref-user' });
      await alice.ok({ command: 'authenticate_user', username: 'alice', password: 'alice password' });
      await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'den', ref: 'ref-room' });
      await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby' });
      const refs = ['ref-user', 'ref-room'];
      for (const [index, key] of [undefined, 'k1', undefined, 'k2'].entries()) {
        const ref = `ref-message-${index}`;
        refs.push(ref);
        const message = {
          command: 'chatroom_message',
          username: 'alice',
          room: 'lobby',
          message: `text-${index}-`,
          ref,
        };
        await alice.ok(key === undefined ? message : { ...message, key });
        while ((await bob.event()).body['message'] !== `text-${index}-`);
      }
      const calls = await finish();
      for (const ref of refs) {
        const request = first(calls, reads, onSocket, ref);
        const reply = first(calls, writes, onSocket, ref);
        const stored = calls.filter((call) => writes.has(call.name) && onLog(call));
        const last = stored.filter(({ begin }) => begin > request.begin && begin < reply.begin).at(-1);
        t.ok(last !== undefined, `${ref} is written to the log`);
        t.ok(
          last !== undefined && syncedBetween(calls, last, reply),
          `${ref}: a sync returned between its last write and the reply`,
        );
      }
      for (let index = 0; index < 4; index += 1) {
        const text = `text-${index}-`;
        const stored = first(calls, writes, onLog, text);
        const shown = first(calls, writes, onSocket, text);
        t.ok(syncedBetween(calls, stored, shown), `${text} is synced before it is shown`);
      }
    },
  );

  await t.test('with many requests at a time, each message is synced before it is shown or answered', async (t) => {
    const { daemon, finish } = startTraced(t, data);
    const port = await daemon.port();
    const names = ['alice', 'bob', 'carol'];
    const clients = await Promise.all(names.map(async (name) => (await Client.connect(port)).enter(name, 'lobby')));
    const texts: string[] = [];
    for (let burst = 0; burst < 5; burst += 1) {
      for (const [index, client] of clients.entries()) {
        const text = `burst-${burst}-of-${index}-`;
        texts.push(text);
        const more = { room: 'lobby', message: text, ref: `answer-to-${text}` };
        client.send({ command: 'chatroom_message', username: names[index], ...more });
      }
    }
    for (const client of clients) for (let count = 0; count < 5; count += 1) await client.reply();
    await Promise.all(clients.map((client) => client.ok('ping')));
    const calls = await finish();
    for (const text of texts) {
      const stored = first(calls, writes, onLog, text);
      // An event carries the text alone, a reply the ref.
      const shown = first(calls, writes, onSocket, `"${text}`.replaceAll('"', '\\"'));
      const answered = first(calls, writes, onSocket, `answer-to-${text}`);
      t.ok(syncedBetween(calls, stored, shown) && syncedBetween(calls, stored, answered), text);
    }
  });

  await t.test(
    'with relaxed durability each message is written before it is shown or answered, no sync is awaited, and the stop syncs all',
    async (t) => {
      const { daemon, finish } = startTraced(t, data, 'relaxed');
      const port = await daemon.port();
      const alice = await (await Client.connect(port)).enter('alice', 'lobby');
      const bob = await (await Client.connect(port)).enter('bob', 'lobby');
      const texts = ['relaxed-0-', 'relaxed-1-', 'relaxed-2-', 'relaxed-3-'];
      for (const text of texts) {
        await alice.say('alice', 'lobby', text, { ref: `answer-to-${text}` });
        while ((await bob.event()).body['message'] !== text);
      }
      const calls = await finish();
      for (const text of texts) {
        const stored = first(calls, writes, onLog, text);
        const shown = first(calls, writes, onSocket, `"${text}`.replaceAll('"', '\\"'));
        const answered = first(calls, writes, onSocket, `answer-to-${text}`);
        t.ok(stored.end < shown.begin && stored.end < answered.begin, `${text} is written first`);
        t.notOk(
          syncedBetween(calls, stored, shown) || syncedBetween(calls, stored, answered),
          `${text} waits for no sync`,
        );
        t.ok(
          calls.some((call) => isSync(call) && call.path.endsWith('/salond.db') && call.begin > answered.end),
          `${text} is in a database that the stop syncs`,
        );
      }
    },
  );

  // A relaxed daemon syncs nothing, so a killed one leaves everything in the log and possibly nothing on disk, like a
  // daemon that is killed between a write and its sync. A program that reads the database prevents a checkpoint of the
  // log.
  for (const durability of ['full', 'relaxed'] as const) {
    for (const reading of [false, true]) {
      const left = `left-for-${durability}-${reading}-`;
      const title = `messages that a killed daemon left in the log are synced before a ${durability} one shows them`;
      await t.test(reading ? `${title}, even while a program reads the database` : title, async (t) => {
        const killed = startDaemon(t, { data, env: { SALOND_DURABILITY: 'relaxed' } });
        const alice = await (await Client.connect(await killed.port())).enter('alice', 'lobby');
        const other = await Database.open(join(data, 'salond.db'));
        if (reading) await other.exec('BEGIN; SELECT count(*) FROM users');
        await alice.say('alice', 'lobby', left);
        await killed.stop('SIGKILL');
        if (!reading) await other.close();
        t.ok(existsSync(join(data, 'salond.db-wal')));
        const { daemon, finish } = startTraced(t, data, durability);
        const bob = await (await Client.connect(await daemon.port())).enter('bob');
        await bob.ok({ command: 'join_chatroom', username: 'bob', room: 'lobby', after: 0 });
        if (reading) await other.close();
        const calls = await finish();
        const shown = first(calls, writes, onSocket, left);
        t.ok(calls.some((call) => isSync(call) && onLog(call) && call.end < shown.begin));
      });
    }
  }
});
