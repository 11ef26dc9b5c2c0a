// Tests power losses, which take what was not synced (after kill -9 the system still has it). The test records a
// daemon's writes and syncs, lets the power fail at many points of the record (a thousand in `npm run test:slow`), and
// opens what may be on the disk then. The data has to be complete, with every message that was answered before, edited
// and deleted as was answered, privately too, and with settings as they were answered.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { Random } from '../fuzz/random.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { Writer } from '../support/writer.js';
import { Disk, stringIn } from './power-loss.js';
import { testSeed } from '../support/seed.js';
import { noStrace, readTrace, strace, type Call } from './trace.js';

const cuts = Number(process.env['CUTS'] ?? 25);
const files = ['salond.db', 'salond.db-wal'] as const;
const rooms = ['lobby', 'den'] as const;
const traced = ['pwrite64', 'ftruncate', 'fsync', 'fdatasync', 'write', 'writev'];

interface Recording {
  /** The files as they were before. */
  readonly before: ReadonlyMap<string, Buffer>;
  readonly calls: readonly Call[];
}

/** Records a daemon on the data of a killed one until its stop. A checkpoint runs beside its commits. */
async function record(t: Test): Promise<Recording> {
  const data = temporaryFolder(t);
  const first = startDaemon(t, { data });
  const before = await (await Client.connect(await first.port())).enter('alice', ...rooms);
  for (let each = 0; each < 20; each += 1) await before.say('alice', 'lobby', `early-${each}`);
  await first.stop('SIGKILL');
  const kept = new Map(
    files.filter((file) => existsSync(join(data, file))).map((file) => [file, readFileSync(join(data, file))]),
  );

  const output = join(temporaryFolder(t), 'trace');
  const options = ['-D', '-y', '-xx', '-s', '70000', '-e', `trace=${traced.join()}`, '-e', 'signal=none', '-o', output];
  const daemon = startDaemon(t, { data, under: [...strace, ...options] });
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', ...rooms);
  const bob = await (await Client.connect(port)).enter('bob', ...rooms);
  for (let round = 0; round < 450; round += 1) {
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
  }
  await daemon.stop();
  return { before: kept, calls: readTrace(output) };
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
  await alice.ok({ command: 'set_chatroom', room: 'den', welcome: String(round), ref: `=${round}` });
}

/** The refs of the successful requests that have one, in a write to a socket. */
function answersIn({ name, path, text }: Call): string[] {
  if (!name.startsWith('write') || !/^(?:TCP|socket):/.test(path)) return [];
  return [
    ...stringIn(text)
      .toString()
      .matchAll(/^1\t\{"command":"[a-z_]+","ref":"([^"]*)"/gm),
  ].map(([, ref = '']) => ref);
}

/** What is on the disk. */
interface Found {
  /** Of the rooms and of the private conversation. */
  readonly texts: ReadonlySet<string>;
  /** The number of the last change of a room's settings. */
  readonly changed: number;
}

/** Reads all. Rejects if the data can't be opened or is damaged, because opening checks all of it. */
async function readFolder(folder: string): Promise<Found> {
  const store = await SqliteStore.open(folder);
  const writer = new Writer(store);
  try {
    const texts = new Set<string>();
    const records = [await writer.room(rooms[0]), await writer.room(rooms[1])] as const;
    const [alice, bob] = [await store.directory.findUser('alice'), await store.directory.findUser('bob')];
    const conversation = await store.conversations.find(alice?.id ?? 0, bob?.id ?? 0);
    for (const log of [...records.map(({ id }) => id), ...(conversation === undefined ? [] : [conversation])])
      for (const { text } of await writer.readAll(log)) texts.add(text);
    return { texts, changed: Number(records[1].settings.welcome) };
  } finally {
    await store.close();
  }
}

/** Whether what was answered is not as it was answered: a deleted text, and its edits', is gone. */
function isLost(ref: string, { texts, changed }: Found, deleted: ReadonlySet<string>): boolean {
  if (ref.startsWith('=')) return changed < Number(ref.slice(1));
  if (ref.startsWith('-')) return texts.has(ref.slice(1)) || texts.has(`${ref.slice(1)}edit`);
  return !texts.has(ref) && !deleted.has(ref.replace(/edit$/, ''));
}

t.test(
  `data is complete after a power loss at each of ${cuts} points`,
  { skip: noStrace(), timeout: 100_000 },
  async (t) => {
    const { before, calls } = await record(t);
    const byEnd = [...calls].sort((a, b) => a.end - b.end);
    const steps = byEnd.filter(({ path }) => files.some((file) => path.endsWith(`/${file}`))).length;
    const answers = calls.flatMap((call) => answersIn(call).map((ref) => ({ ref, begin: call.begin })));
    // Those whose deletion is answered in the end may be gone from when it was asked for.
    const deleted = new Set(answers.flatMap(({ ref }) => (ref.startsWith('-') ? [ref.slice(1)] : [])));
    t.ok(answers.length > 650, `${answers.length} answers`);
    t.ok(
      calls.some(
        ({ name, path, begin }) =>
          name === 'pwrite64' && path.endsWith('/salond.db') && answers.some((answer) => answer.begin > begin),
      ),
      'a checkpoint ran beside the commits',
    );

    t.comment(`${steps} steps`);
    const random = new Random(testSeed(t));
    const wanted = new Map<number, number>();
    for (let cut = 0; cut < cuts; cut += 1) {
      const at = random.below(steps);
      wanted.set(at, (wanted.get(at) ?? 0) + 1);
    }
    // The folder is in memory if possible, because each of a thousand openings syncs its files.
    const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const folder = mkdtempSync(join(memory, 'salond-test-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const work = join(folder, 'data');
    const disk = new Disk(before);
    let step = -1;
    let checked = 0;
    for (const call of byEnd) {
      if (!disk.step(call)) continue;
      step += 1;
      for (let times = wanted.get(step) ?? 0; times > 0; times -= 1) {
        rmSync(work, { recursive: true, force: true });
        mkdirSync(work, { mode: 0o700 });
        for (const [name, bytes] of disk.after(random)) writeFileSync(join(work, name), bytes);
        const found = await readFolder(work).catch((error: unknown) => {
          throw new Error(`after step ${step}: ${String(error)}`);
        });
        const lost = answers.filter(({ ref, begin }) => begin <= call.end && isLost(ref, found, deleted));
        if (lost.length > 0) t.fail(`after step ${step} ${lost.length} answers do not hold: ${lost[0]?.ref ?? ''}`);
        checked += 1;
      }
    }
    t.ok(checked > cuts * 0.9, `${checked} of ${cuts} points were reached`);
  },
);
