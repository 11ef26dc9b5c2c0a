// `npm run bench:trimming`: how much longer commits take while a room of 200,000 messages is trimmed (retention). One
// client's messages are stored one after the other, by turns with and without the trimmer beside them. Prints a table
// of milliseconds. On a busy machine the longest commits wait for the processor in both; the processor's time of a step
// says by how much it can delay a commit.
import { join } from 'node:path';
import type { Author, NewMessage } from '../src/store/log.js';
import type { Kept } from '../src/store/retention.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { Store } from '../src/store/store.js';
import { Trimmer } from '../src/store/trimmer.js';
import { nameForms } from '../src/text/names.js';
import { fromCommandLine } from './arguments.js';
import { table } from './markdown.js';
import { significant } from './rounds.js';
import { makeWorkFolder } from './work-folder.js';

const messages = Number(process.env['MESSAGES'] ?? 200_000);

/** How many turns each has; a turn trims its part of the messages. */
const turns = 8;

/** Messages of a commit while the room is filled, and the text of each. */
const [perCommit, text] = [10, 'x'.repeat(100)];

/** What the trimmer did. */
interface Steps {
  trimmed: number;
  /** Milliseconds of the transaction that a step was part of, and of the processor's time. */
  readonly took: number[];
  readonly processor: number[];
}

/** Stores messages one after the other until told to stop. Answers the milliseconds that each took. */
async function commitUntil(isOver: () => boolean, say: () => Promise<unknown>): Promise<readonly number[]> {
  const delays: number[] = [];
  while (!isOver()) {
    const begin = performance.now();
    await say();
    delays.push(performance.now() - begin);
  }
  return delays;
}

function row(title: string, delays: readonly number[]): readonly string[] {
  const sorted = [...delays].sort((one, other) => one - other);
  const at = (part: number): string =>
    String(significant(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN, 3));
  return [title, String(delays.length), at(0.5), at(0.99), at(0.999), at(1)];
}

/** Stores messages with keys, some at a time. */
class Speaker {
  readonly #store: Store;
  readonly #author: Author;
  #keys = 0;
  #missing = 0;
  #stored: () => void = () => undefined;

  private constructor(store: Store, author: Author) {
    this.#store = store;
    this.#author = author;
    const fail = (error: Error): never => {
      throw error;
    };
    const committed = ({ mine }: { readonly mine: readonly NewMessage[] }): void => {
      this.#missing -= mine.length;
      if (this.#missing === 0) this.#stored();
    };
    store.log.listen({ committed, failed: (_posts, error) => fail(error), unreadable: fail, broken: fail });
  }

  static async of(store: Store): Promise<Speaker> {
    const name = nameForms('alice');
    const user = { ...name, firstName: 'L', lastName: 'L', password: Buffer.from('hash') };
    const id = (await store.directory.findUser(name.key))?.id ?? (await store.directory.createUser(user)) ?? 0;
    return new Speaker(store, { id, name: 'alice' });
  }

  async room(name: string): Promise<number> {
    const room = await this.#store.directory.openRoom(nameForms(name), this.#author.id);
    if (typeof room === 'string') throw new Error(room);
    return room.id;
  }

  /** Fulfils when so many messages are stored in one commit. */
  say(log: number, count: number): Promise<void> {
    this.#missing = count;
    for (let each = 0; each < count; each += 1) {
      const key = `${performance.now()} ${(this.#keys += 1)}`;
      this.#store.log.append({ log, author: this.#author, text, kind: 'text', about: 0, key });
    }
    return new Promise((resolve) => {
      this.#stored = resolve;
    });
  }
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
