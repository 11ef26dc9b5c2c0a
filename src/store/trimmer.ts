// Trims messages in the background (retention.ts). It goes over all rooms again and again, and has the store take what
// is due in steps so small that no commit waits for long. It has old rows of the feed forgotten in the same way.
import { BackgroundWork } from './background-work.js';
import type { Directory, RoomId } from './directory.js';
import type { Feed } from './feed.js';
import type { Kept } from './retention.js';

/** Milliseconds from the end of one round over all rooms to the next. */
const betweenRounds = 5000;

/** A step should take this many milliseconds of a commit. A commit that carries one takes as much longer. */
const stepMilliseconds = 4;

/** A step takes at least and at most so many messages. */
const stepRange = [16, 6400] as const;

/** The least pause after a step or a look, in milliseconds, and how many times as long as the step it is at least. */
const [leastPause, pauseRatio] = [10, 4] as const;

/** How many messages the next step takes, from how many the last one was asked for and how long it took. */
export function nextStep(messages: number, took: number): number {
  const [least, most] = stepRange;
  if (took > stepMilliseconds) return Math.max(least, Math.floor(messages / 2));
  return took < stepMilliseconds / 2 ? Math.min(most, messages * 2) : messages;
}

/** What a trimmer uses. */
export interface TrimmerParts {
  readonly directory: Pick<Directory, 'findDue' | 'trimMessages' | 'giveBack'>;
  /** The feed, where the store has one. */
  readonly feed?: Pick<Feed, 'forget'> | undefined;
  /** How long the server keeps messages, now. */
  readonly kept: () => Kept;
  /** Is told of messages that were trimmed. */
  readonly trimmed: (count: number) => void;
  /** Is told that a step failed. The room is tried again in the next round. */
  readonly failed: (error: unknown, room: RoomId | undefined) => void;
  /** Fulfils after so many milliseconds. */
  readonly pause?: (milliseconds: number) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Trims what is due until it is stopped. */
export class Trimmer {
  readonly #parts: Required<Omit<TrimmerParts, 'feed'>> & Pick<TrimmerParts, 'feed'>;
  #messages: number = stepRange[0];
  readonly #work = new BackgroundWork();

  constructor(parts: TrimmerParts) {
    this.#parts = { pause: (milliseconds) => this.#work.rest(milliseconds), now: Date.now, ...parts };
  }

  /** Begins with the first round. */
  start(): void {
    this.#work.start(() => this.#run());
  }

  /** Begins no further step. Fulfils when the one that is under way has ended. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(): Promise<void> {
    do {
      await this.round();
      await this.#parts.pause(betweenRounds);
    } while (!this.#work.isStopped);
  }

  /** Goes over all rooms once, trims what is due, gives space back, and forgets old rows of the feed. Never rejects. */
  async round(): Promise<void> {
    const { directory, kept, now } = this.#parts;
    let hasTrimmed = false;
    for (let after: RoomId | undefined = -1; after !== undefined && !this.#work.isStopped; ) {
      const from: RoomId = after;
      const found = await this.#attempt(undefined, () => directory.findDue(from, kept(), now()));
      if (found === undefined) return;
      for (const room of found.rooms) hasTrimmed = (await this.#trim(room)) || hasTrimmed;
      after = found.next;
      if (after !== undefined) await this.#parts.pause(leastPause);
    }
    while (hasTrimmed && !this.#work.isStopped) {
      hasTrimmed = (await this.#attempt(undefined, () => directory.giveBack())) ?? false;
      await this.#parts.pause(leastPause);
    }
    await this.#forget();
  }

  /** Forgets old rows of the feed. */
  async #forget(): Promise<void> {
    const { feed, pause } = this.#parts;
    if (feed === undefined) return;
    while (!this.#work.isStopped && ((await this.#attempt(undefined, () => feed.forget())) ?? false))
      await pause(leastPause * pauseRatio);
  }

  /** Trims all that is due in a room. Answers whether anything was. */
  async #trim(room: RoomId): Promise<boolean> {
    const { directory, kept, trimmed, now, pause } = this.#parts;
    let hasTrimmed = false;
    for (let more = true; more && !this.#work.isStopped; ) {
      const step = await this.#attempt(room, () => directory.trimMessages(room, kept(), now(), this.#messages));
      if (step === undefined) {
        // On a full disk the step of each room fails, and each is a commit.
        await pause(leastPause * pauseRatio);
        return hasTrimmed;
      }
      this.#messages = nextStep(this.#messages, step.took);
      if (step.count > 0) trimmed(step.count);
      hasTrimmed ||= step.count > 0;
      more = step.more;
      await pause(Math.max(leastPause, step.took * pauseRatio));
    }
    return hasTrimmed;
  }

  async #attempt<Result>(room: RoomId | undefined, act: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await act();
    } catch (error) {
      if (!this.#work.isStopped) this.#parts.failed(error, room);
      return undefined;
    }
  }
}
