// The database of the far store (far-store.ts): what all nodes share. A commit holds the locks of its logs, and what it
// changed is on its way to the other nodes as soon as it is there.
import type { Batch, Jobs, Result } from '../../src/store/committer.js';
import type { Ban, BanTarget, Removal, RoomRecord } from '../../src/store/directory.js';
import type { LogId, Messages } from '../../src/store/log.js';
import { MemoryData } from '../../src/store/memory/data.js';
import { MemoryCommitter } from '../../src/store/memory/log.js';
import type { Random } from '../fuzz/random.js';

/** What a commit of one node tells the others. */
export type Notice =
  | { readonly kind: 'messages'; readonly messages: Messages }
  | { readonly kind: 'room'; readonly room: RoomRecord }
  | { readonly kind: 'removed'; readonly room: RoomRecord; readonly removal: Removal }
  | { readonly kind: 'banned'; readonly ban: Ban }
  | { readonly kind: 'unbanned'; readonly target: BanTarget };

/** Who is told of the commits of others. */
export interface Subscriber {
  /** Called as the commit is there, in the order of the commits. */
  notify(notices: readonly Notice[]): void;
}

/** The lock that a commit takes which changes the directory; logs have ids of 0 and more. */
const directoryLock: LogId = -1;

/** Locks by name. One holds a lock at a time, and those who wait get it in the order in which they asked. */
class Locks {
  readonly #last = new Map<LogId, Promise<void>>();

  /** Takes all of them, in the order of their names, so that two who want the same never wait for each other. */
  async take(names: Iterable<LogId>): Promise<() => void> {
    const held: (() => void)[] = [];
    for (const name of [...new Set(names)].sort((a, b) => a - b)) {
      const before = this.#last.get(name);
      this.#last.set(name, new Promise((resolve) => held.push(resolve)));
      await before;
    }
    return () => {
      for (const release of held) release();
    };
  }
}

/** The data that all nodes share, with its locks and those who are told of commits. */
export class FarDatabase {
  readonly data = new MemoryData();
  readonly random: Random;
  /** The longest time that a way or a transaction takes, in milliseconds. */
  readonly longest: number;
  readonly #committer = new MemoryCommitter(this.data);
  readonly #locks = new Locks();
  readonly #subscribers = new Set<Subscriber>();
  #newestTime = 0;
  #paused: Promise<void> | undefined;

  constructor(random: Random, longest: number) {
    this.random = random;
    this.longest = longest;
  }

  /** Stops everything that is on its way to or from the database, until the returned function is called. */
  pause(): () => void {
    let end = (): void => undefined;
    this.#paused = new Promise((resolve) => {
      end = () => {
        this.#paused = undefined;
        resolve();
      };
    });
    return end;
  }

  /** Fulfils after a random time: at once, in the next turn of the event loop, or after some milliseconds. */
  async delay(): Promise<void> {
    while (this.#paused !== undefined) await this.#paused;
    const milliseconds = this.random.below(2) === 0 ? 0 : this.random.below(this.longest + 1);
    if (milliseconds > 0) {
      await new Promise((resolve) => {
        setTimeout(resolve, milliseconds);
      });
    } else if (this.random.below(2) === 0) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
  }

  /** Tells the subscriber of the commits of others from here on. */
  subscribe(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
  }

  unsubscribe(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Lets the times of messages go back. */
  allowEarlier(): void {
    this.#newestTime = 0;
  }

  /**
   * Commits a batch of a node's. `isCut` is asked when everything is locked and about to be committed: where it says
   * so, the connection was cut, everything is rolled back, and undefined is answered.
   */
  async commit(
    by: Subscriber,
    jobs: Jobs,
    batch: Batch,
    time: number,
    isCut: () => boolean,
  ): Promise<Result | undefined> {
    const release = await this.#locks.take(jobs.length > 0 ? [directoryLock, ...batch.logs] : batch.logs);
    try {
      await this.delay();
      if (isCut()) return undefined;
      const [rooms, bans] = [[...this.data.rooms], new Map(this.data.bans)];
      const removals = this.data.removals.length;
      // Time never goes back in a log, whoever stores: another node's clock may be ahead of this one's.
      this.#newestTime = Math.max(this.#newestTime, this.data.newestTime, time);
      const result = await this.#committer.commit(jobs, batch, this.#newestTime);
      this.#tellOthers(by, [
        ...result.stored.map((messages): Notice => ({ kind: 'messages', messages })),
        ...this.#changesSince(rooms, bans),
        ...this.data.removals.slice(removals).flatMap(({ room: id, removal }): readonly Notice[] => {
          const room = this.data.rooms[id];
          return room === undefined ? [] : [{ kind: 'removed', room, removal }];
        }),
      ]);
      return result;
    } finally {
      release();
    }
  }

  #tellOthers(by: Subscriber, notices: readonly Notice[]): void {
    if (notices.length === 0) return;
    for (const subscriber of this.#subscribers) if (subscriber !== by) subscriber.notify(notices);
  }

  /** What of the directory has changed. New rooms are no change: whoever needs one opens it. */
  #changesSince(rooms: readonly RoomRecord[], bans: ReadonlyMap<string, Ban>): Notice[] {
    const notices: Notice[] = [];
    for (const [id, before] of rooms.entries()) {
      const room = this.data.rooms[id];
      if (room !== undefined && room !== before) notices.push({ kind: 'room', room });
    }
    for (const [key, ban] of this.data.bans) if (bans.get(key) !== ban) notices.push({ kind: 'banned', ban });
    for (const [key, target] of bans) if (!this.data.bans.has(key)) notices.push({ kind: 'unbanned', target });
    return notices;
  }
}
