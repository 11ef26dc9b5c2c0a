// The stage of several daemons in this process over one far database, into which a writer without a daemon writes too,
// and which is away for each of them at times (test/store/far-store.ts).
import assert from 'node:assert/strict';
import type { Post } from '../../src/chat/post.js';
import { FarDatabase } from '../store/far-database.js';
import { FarStore } from '../store/far-store.js';
import { Random } from '../fuzz/random.js';
import { temporaryFolder, type Teardown } from '../support/daemon.js';
import { startInProcess, type InProcessDaemon } from '../support/in-process.js';
import type { Chronicle, Conditions } from './chronicle.js';
import { openConnections } from './connections.js';
import { ForeignWriter } from './foreign-writer.js';
import { readHistories } from './stored.js';
import type { EndDisturbance, Histories, Host, Stage } from './stage.js';
import { Weather } from './weather.js';

/** What the stage is to be. */
export interface FarStageOptions {
  readonly daemons: 1 | 2;
  /** Whether the database is away at times. */
  readonly isAwayAtTimes: boolean;
  /** Of the delays and all else that is left to chance beside the players. */
  readonly seed: number;
}

/** The longest way to the database, in milliseconds. */
const longestDelay = 2;

interface Node {
  readonly store: FarStore<Post>;
  readonly running: InProcessDaemon;
}

/** One daemon or two in this process over far stores, and a foreign writer. */
export class FarStage implements Stage {
  readonly hosts: readonly [Host, ...Host[]];
  readonly conditions: Conditions;
  readonly #nodes: readonly Node[];
  readonly #writer: ForeignWriter;
  readonly #random: Random;

  private constructor([first, ...others]: readonly [Node, ...Node[]], isAwayAtTimes: boolean, random: Random) {
    const hostOf = ({ running: { port, log } }: Node): Host => ({ port, connections: () => openConnections(log) });
    this.hosts = [hostOf(first), ...others.map(hostOf)];
    this.conditions = { authorsElsewhere: true, isAwayAtTimes };
    this.#nodes = [first, ...others];
    this.#random = random;
    this.#writer = new ForeignWriter(new FarStore(first.store.database), random);
  }

  static async start(t: Teardown, { daemons, isAwayAtTimes, seed }: FarStageOptions): Promise<FarStage> {
    const random = new Random(seed);
    const database = new FarDatabase(random, longestDelay);
    const start = async (): Promise<Node> => {
      const store = new FarStore<Post>(database);
      const env = { SALOND_LOG_LEVEL: 'debug', SALOND_CONNECTIONS_PER_MINUTE: '100000' };
      return { store, running: await startInProcess(temporaryFolder(t), () => Promise.resolve(store), env) };
    };
    const nodes: [Node, ...Node[]] = [await start()];
    while (nodes.length < daemons) nodes.push(await start());
    return new FarStage(nodes, isAwayAtTimes, random);
  }

  disturb(rooms: readonly string[], chronicle: Chronicle): EndDisturbance {
    const endWriting = this.#writer.begin(rooms, chronicle);
    const stores = this.#nodes.map(({ store }) => store);
    const weather = this.conditions.isAwayAtTimes ? new Weather(stores, this.#random) : undefined;
    return async () => {
      weather?.end();
      await endWriting();
    };
  }

  async end(rooms: Iterable<string>): Promise<Histories> {
    for (const { running } of this.#nodes) {
      await running.daemon.stop('test');
      assert.deepEqual(running.exits, [0]);
      const unexpected = running.log.filter(
        ({ level, event }) => level !== 'info' && level !== 'debug' && event !== 'store_away',
      );
      assert.deepEqual(unexpected, []);
    }
    return readHistories(this.#writer.store, rooms);
  }
}
