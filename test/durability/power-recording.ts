// Records what a daemon writes and syncs while all that it stores is changed, for power-loss.test.ts.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { makeDeeds, type Deed } from './power-deeds.js';
import { readTrace, strace, type Call } from './trace.js';

/** The files that are recorded. */
export const files = ['salond.db', 'salond.db-wal'] as const;
/** The rooms in which alice and bob speak. */
export const rooms = ['lobby', 'den'] as const;
const traced = ['pwrite64', 'ftruncate', 'fsync', 'fdatasync', 'write', 'writev'];
/** How many messages there are in a room that keeps few of them, how many it keeps, and how many a user has written. */
export const [inAttic, keptInAttic, ofErin] = [120, 30, 12] as const;
const env = { SALOND_EXEMPT_ADDRESSES: '127.0.0.1', SALOND_REGISTRATION: 'invited' };

/** What a daemon did. */
export interface Recording {
  /** The files as they were before. */
  readonly before: ReadonlyMap<string, Buffer>;
  readonly calls: readonly Call[];
  /** What was done to all records but messages, answered with the refs `#0`, `#1` and so on. */
  readonly deeds: readonly Deed[];
}

/** Makes the data with which the recorded daemon starts: it is to trim the attic at once. */
async function prepare(port: number): Promise<void> {
  const [alice, bob, carol, erin] = await Promise.all(
    ['alice', 'bob', 'carol', 'erin', 'dave'].map(async (name) => (await Client.connect(port)).enter(name)),
  );
  if (alice === undefined || bob === undefined || carol === undefined || erin === undefined) return;
  const join = (client: Client, username: string, ...names: readonly string[]): Promise<unknown> =>
    Promise.all(names.map((room) => client.ok({ command: 'join_chatroom', username, room })));
  await join(alice, 'alice', ...rooms, 'attic');
  await join(carol, 'carol', 'carols');
  await join(erin, 'erin', 'erins');
  await Promise.all([join(bob, 'bob', ...rooms, 'carols'), join(carol, 'carol', 'den')]);
  await carol.ok({ command: 'set_role', room: 'carols', user: 'bob', role: 'moderator' });
  await carol.ok('block_user bob');
  await alice.ok('direct_message bob hello');
  await erin.ok({ command: 'set_topic', room: 'erins', topic: 'secret of erin' });
  await erin.ok('direct_message alice secret of erin 0');
  for (let each = 1; each < ofErin; each += 1) await erin.say('erin', 'erins', `secret of erin ${each}`);
  for (let each = 0; each < 20; each += 1) await alice.say('alice', 'den', `early-${each}`);
  for (let each = 1; each <= inAttic; each += 1) {
    alice.send({ command: 'chatroom_message', username: 'alice', room: 'attic', message: `attic ${each}` });
    if (each % 10 === 0) for (let answer = 0; answer < 10; answer += 1) await alice.reply();
  }
  await alice.ok({ command: 'set_chatroom', room: 'attic', keep_messages: keptInAttic });
}

/** Records a daemon on the data of a killed one until its stop. A checkpoint runs beside its commits. */
export async function record(t: Test): Promise<Recording> {
  const data = temporaryFolder(t);
  const first = startDaemon(t, { data });
  await prepare(await first.port());
  await first.stop('SIGKILL');
  const kept = new Map(
    files.filter((file) => existsSync(join(data, file))).map((file) => [file, readFileSync(join(data, file))]),
  );

  const output = join(temporaryFolder(t), 'trace');
  const options = ['-D', '-y', '-xx', '-s', '70000', '-e', `trace=${traced.join()}`, '-e', 'signal=none', '-o', output];
  const daemon = startDaemon(t, { data, env, under: [...strace, ...options] });
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', ...rooms);
  const bob = await (await Client.connect(port)).enter('bob', ...rooms);
  const others = { operator: await Client.connect(await daemon.control()), device: await Client.connect(port) };
  const deeds = makeDeeds();
  for (let round = 0; round < 10 * deeds.length; round += 1) {
    const room = rooms[round % 2] ?? 'lobby';
    const text = `text-of-alice-${round}-`;
    alice.send({ command: 'chatroom_message', username: 'alice', room, message: text, ref: text });
    if (round % 3 === 0) {
      const other = `text-of-bob-${round}-`;
      bob.send({ command: 'chatroom_message', username: 'bob', room, message: other, ref: other, key: `k${round}` });
      await bob.reply();
    }
    await alice.reply();
    if (round % 15 === 0) await changeOthers(alice, round);
    if (round % 10 !== 5) continue;
    const { by, request, answered } = deeds[(round - 5) / 10] ?? {};
    if (by === 'device' && 'token' in (request?.() ?? {})) {
      others.device.destroy();
      others.device = await Client.connect(port);
    }
    const client = { alice, bob, ...others }[by ?? 'alice'];
    const reply = await client.ok({ ref: `#${(round - 5) / 10}`, ...request?.() });
    answered?.(reply);
    // What is shown to be trimmed stays trimmed.
    if (round === 105) await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'attic', after: 0 });
  }
  await daemon.stop();
  return { before: kept, calls: readTrace(output), deeds };
}

/**
 * Writes, edits and deletes privately, and changes a room's settings. The ref says what holds once it is answered: TEXT
 * is there, `-TEXT` is gone, `=NUMBER` is the last change.
 */
async function changeOthers(alice: Client, round: number): Promise<void> {
  const text = `private-of-alice-${round}-`;
  const { body } = await alice.ok({ command: 'direct_message', to: 'bob', message: text, ref: text });
  const edit = { kind: 'edit', re: body['id'] };
  await alice.ok({ command: 'direct_message', to: 'bob', message: `${text}edit`, ref: `${text}edit`, ...edit });
  if (round % 30 === 0)
    await alice.ok({ command: 'delete_direct_message', with: 'bob', id: body['id'], ref: `-${text}` });
  await alice.ok({
    command: 'set_chatroom',
    room: 'den',
    welcome: String(round),
    max_users: 100 + round,
    ref: `=${round}`,
  });
}
