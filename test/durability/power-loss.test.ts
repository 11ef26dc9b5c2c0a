// Tests power losses, which take what was not synced (after kill -9 the system still has it). The test records a
// daemon's writes and syncs, lets the power fail at many points of the record (a thousand in `npm run test:slow`), and
// opens what may be on the disk then. The data has to be complete: every message that was answered is there, edited and
// deleted as was answered, privately too; all other records are as the last answer says, or as the one request under
// way would make them, and nothing between; what was told to be trimmed or erased is gone.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { Random } from '../fuzz/random.js';
import { testSeed } from '../support/seed.js';
import { Writer } from '../support/writer.js';
import type { Deed } from './power-deeds.js';
import { Disk, stringIn } from './power-loss.js';
import { files, inAttic, keptInAttic, ofErin, record, rooms } from './power-recording.js';
import { readRecords, type FirstSeen, type Records } from './power-records.js';
import { noStrace, type Call } from './trace.js';

const cuts = Number(process.env['CUTS'] ?? 25);

/**
 * The refs of the successful requests that have one, in a write to a socket, and `^ID` for a message that a 111 tells
 * to be the first one kept.
 */
function answersIn({ name, path, text }: Call): string[] {
  if (!name.startsWith('write') || !/^(?:TCP|socket|UNIX[^:]*):/.test(path)) return [];
  const lines = stringIn(text).toString();
  const answers = [...lines.matchAll(/^1\t\{"command":"[a-z_]+","ref":"([^"]*)"/gm)].map(([, ref = '']) => ref);
  return [...answers, ...[...lines.matchAll(/^111\t.*"first":(\d+)/gm)].map(([, first]) => `^${first}`)];
}

/** What is on the disk. */
interface Found {
  /** Of the rooms and of the private conversations of alice. */
  readonly texts: ReadonlySet<string>;
  /** The number of the last change of a room's settings; NaN where only a part of it is there. */
  readonly changed: number;
  readonly records: Records;
  /** The numbers of the messages that the attic has kept. */
  readonly attic: readonly number[];
  /** When the token that lasts was used last, and when it was made. */
  readonly used: number | undefined;
  readonly made: number | undefined;
  /** Whether what is left of an erasure is to be done. */
  readonly isErasing: boolean;
}

/** Reads all. Rejects if the data can't be opened or is damaged, because opening checks all of it. */
async function readFolder(folder: string, seen: FirstSeen): Promise<Found> {
  const store = await SqliteStore.open(folder);
  const writer = new Writer(store);
  try {
    const { directory, conversations } = store;
    const records = await readRecords(store, seen);
    const alice = (await directory.findUser('alice'))?.id ?? 0;
    const den = await writer.room('den');
    const logs = (await conversations.list(alice, undefined, 10)).map(({ log }) => log);
    for (const name of [...rooms, 'erins']) logs.push((await writer.room(name)).id);
    const texts = new Set<string>();
    for (const log of logs) for (const { text } of await writer.readAll(log)) texts.add(text);
    const attic = await writer.readAll((await writer.room('attic')).id);
    const { welcome, maxUsers } = den.settings;
    const lasting = (await store.tokens.list(alice)).find(({ label }) => label === 'lasting');
    return {
      ...{ texts, records, used: lasting?.lastUsed, made: lasting?.created },
      changed: welcome === '' || Number(welcome) + 100 === maxUsers ? Number(welcome) : NaN,
      attic: attic.map(({ text }) => Number(text.replace('attic ', ''))),
      isErasing: (await store.erasures.unfinished()).length > 0,
    };
  } finally {
    await store.close();
  }
}

/** Whether what was answered is not as it was answered: a deleted text, and its edits', is gone. */
function isLost(ref: string, { texts, changed, attic }: Found, deleted: ReadonlySet<string>): boolean {
  if (ref.startsWith('#')) return false;
  if (ref.startsWith('^')) return (attic[0] ?? 0) < Number(ref.slice(1));
  if (ref.startsWith('=')) return !(changed >= Number(ref.slice(1)));
  if (ref.startsWith('-')) return texts.has(ref.slice(1)) || texts.has(`${ref.slice(1)}edit`);
  return !texts.has(ref) && !deleted.has(ref.replace(/edit$/, ''));
}

/**
 * The names of the records that are neither as they were when so many deeds were answered, nor as the next one makes
 * them.
 */
function wrongRecords(
  { records }: Found,
  states: readonly Records[],
  deeds: readonly Deed[],
  answered: number,
): string[] {
  const [now = {}, then = now] = [states[answered], states[answered + 1]];
  if (isDeepStrictEqual(records, now) || isDeepStrictEqual(records, then)) return [];
  const isInParts = deeds[answered]?.isInParts === true;
  const names = new Set([...Object.keys(now), ...Object.keys(then), ...Object.keys(records)]);
  return [...names]
    .filter((name) => !isDeepStrictEqual(records[name], now[name]))
    .filter((name) => !isInParts || !isBetween(records[name], now[name], then[name]))
    .map((name) => `${name} is ${JSON.stringify(records[name])}, not ${JSON.stringify([now[name], then[name]])}`);
}

/** Whether each part of a record is as it was, or as it is to be. Who is in a room that is being made comes last. */
function isBetween(record: unknown, ...states: readonly unknown[]): boolean {
  if (states.some((state) => isDeepStrictEqual(record, state))) return true;
  const parts = states.map((state) => new Map(Object.entries(state ?? {})));
  return Object.entries(record ?? {}).every(([name, value]) =>
    parts.some((part) => isDeepStrictEqual(value, part.get(name) ?? {})),
  );
}

/** The other things that are wrong on the disk. `folder` has what is left when the data was opened and closed. */
function wrongTexts({ records, texts, attic, isErasing, changed }: Found, folder: string, isErased: boolean): string[] {
  const problems: string[] = [];
  if (Number.isNaN(changed)) problems.push('a part of the settings is changed');
  if (attic.length < keptInAttic || attic.some((each, at) => each !== inAttic - attic.length + 1 + at))
    problems.push(`the attic has kept ${attic.join()}`);
  const secrets = [...texts].filter((text) => text.startsWith('secret of erin')).length;
  if (records['user erin'] !== undefined && secrets < ofErin) problems.push(`${secrets} texts of erin are left`);
  if (records['user erin'] === undefined && secrets > 0 && !isErasing) problems.push('an erasure is forgotten');
  if (!isErased) return problems;
  if (secrets > 0) problems.push(`${secrets} texts of erin are still there`);
  const inFiles = readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes('secret of erin'));
  if (inFiles.length > 0) problems.push(`texts of erin are still in ${inFiles.join()}`);
  return problems;
}

/**
 * The deeds between whose request and answer nothing was synced. Each request was sent when all before were answered.
 */
function unsynced(
  calls: readonly Call[],
  answers: readonly { readonly ref: string; readonly begin: number }[],
  deeds: readonly Deed[],
): string[] {
  const syncs = calls.filter(({ name, path }) => name.endsWith('sync') && path.endsWith('/salond.db-wal'));
  return answers.flatMap(({ ref, begin }, at) => {
    const deed = ref.startsWith('#') ? deeds[Number(ref.slice(1))] : undefined;
    const asked = answers[at - 1]?.begin ?? 0;
    const isStored = deed?.isRead === true || syncs.some((sync) => sync.begin > asked && sync.end < begin);
    return deed === undefined || isStored ? [] : [JSON.stringify(deed.request())];
  });
}

t.test(
  `data is complete after a power loss at each of ${cuts} points`,
  { skip: noStrace(), timeout: 600_000 },
  async (t) => {
    const { before, calls, deeds } = await record(t);
    const byEnd = [...calls].sort((a, b) => a.end - b.end);
    const answers = calls.flatMap((call) => answersIn(call).map((ref) => ({ ref, begin: call.begin })));
    // Those whose deletion is answered in the end may be gone from when it was asked for.
    const deleted = new Set(answers.flatMap(({ ref }) => (ref.startsWith('-') ? [ref.slice(1)] : [])));
    t.ok(answers.length > 640, `${answers.length} answers`);
    t.ok(
      calls.some(
        ({ name, path, begin }) =>
          name === 'pwrite64' && path.endsWith('/salond.db') && answers.some((answer) => answer.begin > begin),
      ),
      'a checkpoint ran beside the commits',
    );
    const ofDeeds = answers.filter(({ ref }) => ref.startsWith('#'));
    const names = deeds.map((_, at) => `#${at}`);
    t.same(
      ofDeeds.map(({ ref }) => ref),
      names,
    );
    t.same(unsynced(calls, answers, deeds), [], 'the log is synced between a request and its answer');

    // The folder is in memory if possible, because each of a thousand openings syncs its files.
    const memory = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
    const folder = mkdtempSync(join(memory, 'salond-test-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const work = join(folder, 'data');
    const seen: FirstSeen = new Map();
    const open = async (contents: ReadonlyMap<string, Buffer>, step: number): Promise<Found> => {
      rmSync(work, { recursive: true, force: true });
      mkdirSync(work, { mode: 0o700 });
      for (const [name, bytes] of contents) writeFileSync(join(work, name), bytes);
      return readFolder(work, seen).catch((error: unknown) => {
        throw new Error(`after step ${step}: ${String(error)}`);
      });
    };
    const states = [(await open(before, -1)).records];
    for (const { change } of deeds) states.push(change(states.at(-1) ?? {}));

    const isStep = ({ path }: Call): boolean => files.some((file) => path.endsWith(`/${file}`));
    const steps = byEnd.filter(isStep);
    t.comment(`${steps.length} steps`);
    const random = new Random(testSeed(t));
    /**
     * The step behind which the power fails: anywhere, while a deed is done, or while the daemon trims as it starts.
     */
    const cutAt = (): number => {
      const deed = `#${random.below(deeds.length)}`;
      const at = random.once(8) ? 0 : random.once(2) ? answers.findIndex(({ ref }) => ref === deed) : -1;
      const [from, to] = [answers[at - 1]?.begin ?? 0, answers[at]?.begin ?? Infinity];
      const [first, last] = [steps.findIndex(({ end }) => end >= from), steps.findLastIndex(({ end }) => end < to)];
      return first + random.below(Math.max(1, last - first + 1));
    };
    const wanted = new Map<number, number>([[steps.length - 1, 1]]);
    for (let cut = 1; cut < cuts; cut += 1) {
      const at = cutAt();
      wanted.set(at, (wanted.get(at) ?? 0) + 1);
    }
    const disk = new Disk(before);
    let step = -1;
    let checked = 0;
    for (const call of byEnd) {
      if (!disk.step(call)) continue;
      step += 1;
      for (let times = wanted.get(step) ?? 0; times > 0; times -= 1) {
        const found = await open(disk.after(random), step);
        // An answer that begins before anything else is on the disk has to hold already.
        const until = steps[step + 1]?.end ?? Infinity;
        const given = answers.filter(({ begin }) => begin < until);
        const lost = given.filter(({ ref }) => isLost(ref, found, deleted));
        if (lost.length > 0) t.fail(`after step ${step} ${lost.length} answers do not hold: ${lost[0]?.ref ?? ''}`);
        const answered = ofDeeds.filter(({ begin }) => begin < until).length;
        const problems = wrongRecords(found, states, deeds, answered);
        problems.push(...wrongTexts(found, work, answered === deeds.length));
        const isUsed = found.used !== undefined && found.used >= (found.made ?? Infinity);
        if (found.used === undefined ? step === steps.length - 1 : !isUsed) problems.push(`used ${found.used}`);
        for (const problem of problems) t.fail(`after step ${step}, ${answered} deeds answered: ${problem}`);
        checked += 1;
      }
    }
    t.ok(checked > cuts * 0.9, `${checked} of ${cuts} points were reached`);
  },
);
