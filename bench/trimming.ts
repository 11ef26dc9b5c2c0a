// `npm run bench:trimming`: how much longer commits take while a room of 200,000 messages is trimmed (retention). One
// client's messages are stored one after the other, by turns with and without the trimmer beside them. Prints a table
// of milliseconds. On a busy machine the longest commits wait for the processor in both; the processor's time of a step
// says by how much it can delay a commit.
import { join } from 'node:path';
import type { Kept } from '../src/store/retention.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { Trimmer } from '../src/store/trimmer.js';
import { fromCommandLine } from './arguments.js';
import { table } from './markdown.js';
import { commitUntil, row, Speaker } from './speaker.js';
import { makeWorkFolder } from './work-folder.js';

const messages = Number(process.env['MESSAGES'] ?? 200_000);

/** How many turns each has; a turn trims its part of the messages. */
const turns = 8;

/** Messages of a commit while the room is filled. */
const perCommit = 10;

/** What the trimmer did. */
interface Steps {
  trimmed: number;
  /** Milliseconds of the transaction that a step was part of, and of the processor's time. */
  readonly took: number[];
  readonly processor: number[];
}

/** Makes a room with many messages, in rows of a few. */
async function fill(folder: string): Promise<void> {
  const store = await SqliteStore.open(folder, 'relaxed');
  const speaker = await Speaker.of(store);
  const room = await speaker.room('full');
  for (let said = 0; said < messages; said += perCommit) await speaker.say(room, perCommit);
  await store.close();
}

async function measure(): Promise<void> {
  const folder = join(makeWorkFolder(), 'trimming');
  await fill(folder);
  const store = await SqliteStore.open(folder, 'full');
  const speaker = await Speaker.of(store);
  const busy = await speaker.room('busy');
  const say = (): Promise<void> => speaker.say(busy, 1);
  let kept: Kept = { seconds: 0, messages };
  const steps: Steps = { trimmed: 0, took: [], processor: [] };
  const { directory } = store;
  const trimmer = new Trimmer({
    directory: {
      findDue: (after, now, time) => directory.findDue(after, now, time),
      trimMessages: async (...asked) => {
        const begin = process.cpuUsage();
        const step = await directory.trimMessages(...asked);
        const { user, system } = process.cpuUsage(begin);
        if (step.count > 0) {
          steps.took.push(step.took);
          steps.processor.push((user + system) / 1000);
        }
        return step;
      },
      giveBack: () => directory.giveBack(),
    },
    kept: () => kept,
    trimmed: (count) => (steps.trimmed += count),
    failed: (error) => {
      throw error;
    },
  });
  const [beside, alone]: [number[], number[]] = [[], []];
  for (let turn = 1; turn <= turns; turn += 1) {
    kept = { seconds: 0, messages: messages - (turn * messages) / turns + 1 };
    let isDone = false;
    const round = trimmer.round().then(() => (isDone = true));
    const during = await commitUntil(() => isDone, say);
    await round;
    beside.push(...during);
    let left = during.length;
    alone.push(...(await commitUntil(() => left-- === 0, say)));
  }
  await store.close();
  process.stdout.write(
    `${steps.trimmed} messages were trimmed in ${steps.took.length} steps\n\n${table(
      ['milliseconds', 'number', 'median', '99 %', '99.9 %', 'longest'],
      [
        row('a commit, without trimming', alone),
        row('a commit, while messages are trimmed', beside),
        row("a step's part of its commit", steps.took),
        row("a step and its commit, the processor's time", steps.processor),
      ],
    )}\n`,
  );
}

await fromCommandLine(measure);
