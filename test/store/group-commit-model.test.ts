// GroupCommit against a model that knows nothing of batches: whatever comes when, and whichever commits fail, it is as if the
// batches had been judged and stored one after the other.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { GroupCommit, type Committer } from '../../src/store/group-commit.js';
import type { KnownMessage } from '../../src/store/numbering.js';
import { StoreFailure, type RoomLog } from '../../src/store/store.js';
import { Line, turn } from './contract.js';

type Action =
  | {
      readonly kind: 'append';
      readonly room: number;
      readonly author: number;
      readonly key: string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'write' | 'turn' | 'answer' | 'fail' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      room: fc.nat(2),
      author: fc.nat(1),
      key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
      text: fc.constantFrom('a', 'b', '\0'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
);

/** A log in memory, each of whose calls waits for the test's answer. */
class SlowLog implements Committer<Line> {
  readonly stored: Line[] = [];
  readonly written: number[] = [];
  /** The answer that a call is waiting for. */
  #answer: ((fails: boolean) => void) | undefined;
  #begun: number[] = [];

  async #wait(): Promise<void> {
    if (this.#answer !== undefined) throw new Error('two calls at a time');
    const fails = await new Promise<boolean>((resolve) => {
      this.#answer = resolve;
    });
    if (fails) throw new StoreFailure('no');
  }

  async findKeys(entries: readonly Line[]): Promise<ReadonlyMap<number, KnownMessage>> {
    await this.#wait();
    const known = new Map<number, KnownMessage>();
    for (const [place, { log, author, key }] of entries.entries()) {
      const found = this.stored.find((line) => line.log === log && line.author === author && line.key === key);
      if (found !== undefined) known.set(place, { id: found.id, text: found.text });
    }
    return known;
  }

  async commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly Line[],
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    this.#begun = [];
    for (const job of jobs) await job();
    await this.#wait();
    this.written.push(...this.#begun);
    this.stored.push(...entries);
    return new Map();
  }

  async touch(): Promise<void> {}

  async allowEarlier(): Promise<void> {}

  write(value: number): number {
    this.#begun.push(value);
    return value;
  }

  answer(fails: boolean): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(fails);
  }
}

/** What the log would be if each batch had come alone. */
class Model {
  readonly stored: Line[] = [];
  readonly heads = new Map<RoomLog, number>();

  /** What ought to become of the line, which it then does. */
  take(line: Line): readonly [outcome: string, id: number, prev: number] {
    const { log, author, key, text } = line;
    const first =
      key === undefined
        ? undefined
        : this.stored.find((each) => each.log === log && each.author === author && each.key === key);
    if (first !== undefined) return [first.text === text ? 'duplicate' : 'conflict', first.id, first.id - 1];
    const id = (this.heads.get(log) ?? 0) + 1;
    this.heads.set(log, id);
    this.stored.push(line);
    return ['stored', id, id - 1];
  }
}

t.test('any mixture of messages, writes, commits and failures comes out as if each batch had come alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const log = new SlowLog();
      const commits = new GroupCommit<Line>(log, 0);
      const model = new Model();
      const rooms = [0, 1, 2].map((id): RoomLog => ({
        id,
        name: '',
        key: '',
        topic: '',
        owners: new Set(),
        state: 'open',
        head: 0,
        assigned: 0,
      }));
      const told: Line[] = [];
      const sent: Line[] = [];
      const writes: { readonly value: number; outcome?: 'fulfilled' | 'failed' }[] = [];
      let newest = 0;
      const problems: string[] = [];
      const check = (right: boolean, problem: string): void => {
        if (!right) problems.push(problem);
      };
      const checkHeads = (): void => {
        for (const room of rooms)
          check(room.head === (model.heads.get(room) ?? 0), `the head of ${room.id} is ${room.head}`);
      };
      commits.listen({
        committed: (entries, time) => {
          told.push(...entries);
          for (const line of entries) {
            const expected = model.take(line).join();
            const [outcome, id, prev] = [line.outcome, line.id, line.prev];
            check(expected === [outcome, id, prev].join(), `${outcome} ${id} after ${prev} should be ${expected}`);
          }
          checkHeads();
          check(time >= newest, 'time went back');
          newest = time;
        },
        failed: (entries, error) => {
          told.push(...entries);
          checkHeads();
          check(error instanceof StoreFailure, 'failed with another error');
        },
        broken: ({ message }) => problems.push(message),
      });
      for (const each of actions) {
        if (each.kind === 'append') {
          const room = rooms[each.room];
          if (room === undefined) throw new Error('no such room');
          const line = new Line(room, each.author, each.text, each.key);
          sent.push(line);
          commits.append(line);
        } else if (each.kind === 'write') {
          const write: (typeof writes)[number] = { value: writes.length };
          writes.push(write);
          void commits
            .write(async () => log.write(write.value))
            .then(
              (value) => {
                write.outcome = value === write.value ? 'fulfilled' : 'failed';
              },
              () => {
                write.outcome = 'failed';
              },
            );
        } else if (each.kind === 'turn') {
          await turn();
        } else {
          log.answer(each.kind === 'fail');
          await turn();
        }
      }
      let drained = false as boolean;
      const drain = commits.drain().then(() => {
        drained = true;
      });
      for (let turns = 0; !drained && turns < 500; turns += 1) {
        log.answer(false);
        await turn();
      }
      await drain;
      assert.deepEqual(problems, []);
      const places = (lines: readonly Line[]): readonly number[] => lines.map((line) => sent.indexOf(line));
      assert.deepEqual(places(told), [...sent.keys()], 'each is told once, in order');
      assert.deepEqual(places(log.stored), places(model.stored), 'the log is as told');
      assert.deepEqual(
        rooms.map(({ head, assigned }) => assigned - head),
        [0, 0, 0],
      );
      const fulfilled = writes.filter(({ outcome }) => outcome === 'fulfilled');
      assert.deepEqual(
        log.written,
        fulfilled.map(({ value }) => value),
        'what was written is what was answered',
      );
      assert.ok(
        writes.every(({ outcome }) => outcome !== undefined),
        'each write is answered',
      );
    }),
    { numRuns: 300 },
  );
});
