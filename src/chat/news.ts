// Who came to a room and went from it, until all its members are told: by a line for each (events 101 and 102), or, in
// a room with many users, by counts (event 107).
import { EventLine } from '../wire/encode-event.js';
import { PerFormat, type LineFormat, type Written } from '../wire/format.js';
import { placeIn } from '../text/sorted.js';
import type { Author, UserId } from '../store/log.js';
import type { Speaks } from './speaks.js';

/** That a user came or went (events 101 and 102). */
export interface News {
  /** Its number in the room. A member that entered later knows it. */
  readonly at: number;
  readonly user: UserId;
  readonly isJoin: boolean;
  readonly line: EventLine;
}

/** A member of the room, as its news see it. */
export interface NewsReader {
  /** The number of the newest news that it knew when it entered, or was told by itself. */
  newsKnown: number;
  readonly receivesEvents: boolean;
  readonly out: boolean;
  readonly speaks: Speaks;
  /** @param mayWait it may come after what others are sent */
  event(line: Buffer | string, mayWait: boolean): void;
  /** Those of these news that it is to be told. */
  newsToTell(news: readonly News[]): readonly News[];
}

/** What the news of a room need to know of it. */
export interface Told {
  readonly name: string;
  /** How many users are in the room. */
  readonly count: number;
  readonly members: Iterable<NewsReader>;
}

/** Says when counts are told in place of lines. */
export interface PresencePace {
  /** In a room with more users, counts are told to those who speak the second edition. */
  readonly presenceLimit: number;
  /**
   * Whether counts may be told now. Where they may, the next ones may a second later, and `tellNews` is called then.
   */
  mayCount(): boolean;
}

/** The news of one room. */
export class RoomNews {
  /** What is to be told to all, ascending. */
  #untold: News[] = [];
  /**
   * Those who came back after a start, and are announced when the grace is over, or before. In the order of numbers.
   */
  #quiet: Map<UserId, News> | undefined;
  /** The number of the newest. */
  #newest = 0;
  #isCrowd = false;
  /** How many came and went since counts were told last. */
  #joined = 0;
  #left = 0;

  /** The number of the newest news: a member that enters now knows all up to it. */
  get newest(): number {
    return this.#newest;
  }

  /** Adds that a user came, or went. */
  add(user: UserId, isJoin: boolean, line: EventLine): void {
    if (!isJoin) this.reveal([{ id: user }]);
    this.#untold.push({ at: (this.#newest += 1), user, isJoin, line });
  }

  /** Adds that a user came, which nobody is told until it is revealed. */
  addQuietly(user: UserId, line: EventLine): void {
    this.#quiet ??= new Map();
    this.#quiet.set(user, { at: (this.#newest += 1), user, isJoin: true, line });
  }

  /** Has it told that these users came, where that was added quietly. */
  reveal(users: Iterable<Pick<Author, 'id'>>): void {
    if (this.#quiet === undefined) return;
    for (const { id } of users) {
      const news = this.#quiet.get(id);
      if (news === undefined) continue;
      this.#quiet.delete(id);
      this.#untold.splice(placeAfter(this.#untold, news.at), 0, news);
    }
  }

  /** Has it told that all those came who were added quietly. */
  revealAll(): void {
    if (this.#quiet === undefined) return;
    this.#untold = [...this.#untold, ...this.#quiet.values()].sort(inOrder);
    this.#quiet = undefined;
  }

  /**
   * Tells each member what came since it entered or was told last, with one Buffer for all whom all of it is new to.
   * In a crowd those who speak the second edition are told counts instead, when it is time.
   */
  tell({ name, count, members }: Told, pace: PresencePace): void {
    const news = this.#untold;
    if (news.length === 0 && this.#joined + this.#left === 0) return;
    this.#untold = [];
    const counts = this.#countsOf(news, name, count, pace);
    const wasCrowd = this.#isCrowd;
    // From here on lines are told again. This line was the last, and says how many users there are.
    if (counts !== undefined && count <= pace.presenceLimit) this.#isCrowd = false;
    if (news.length === 0 && counts === undefined) return;
    const lines = new PerFormat((format) => joined(news, format));
    for (const member of members) {
      if (!member.receivesEvents || member.speaks.events !== 'all') continue;
      if (wasCrowd && member.speaks.edition === 2) {
        if (counts !== undefined && !member.out && member.newsKnown !== this.#newest) this.#tellCounts(member, counts);
        continue;
      }
      const from = placeAfter(news, member.newsKnown);
      if (from === news.length) continue;
      if (member.out) {
        sendTo(member, news.slice(from));
        continue;
      }
      const { bytes, begins } = lines.in(member.speaks.format);
      member.event(from === 0 ? bytes : bytes.subarray(begins[from]), true);
    }
  }

  /** Counts the news in a crowd, and makes the line where it is time for it. */
  #countsOf(news: readonly News[], room: string, count: number, pace: PresencePace): EventLine | undefined {
    if (count > pace.presenceLimit) this.#isCrowd = true;
    if (!this.#isCrowd) return undefined;
    for (const { isJoin } of news) {
      if (isJoin) this.#joined += 1;
      else this.#left += 1;
    }
    if (!pace.mayCount()) return undefined;
    const line = new EventLine('presence', { room, joined: this.#joined, left: this.#left, count });
    [this.#joined, this.#left] = [0, 0];
    return line;
  }

  #tellCounts(member: NewsReader, counts: EventLine): void {
    member.newsKnown = this.#newest;
    member.event(counts.in(member.speaks.format).bytes, true);
  }

  /**
   * Tells the member what it does not know yet. In a crowd a member that speaks the second edition is told nothing: the
   * counts come in their time.
   */
  tellTo(member: NewsReader): void {
    if (!member.receivesEvents || (this.#isCrowd && member.speaks.edition === 2)) return;
    if (member.speaks.events !== 'all') return;
    const all = this.#quiet === undefined ? this.#untold : [...this.#untold, ...this.#quiet.values()].sort(inOrder);
    const unknown = all.slice(placeAfter(all, member.newsKnown));
    member.newsKnown = this.#newest;
    sendTo(member, unknown);
  }
}

function inOrder(one: News, other: News): number {
  return one.at - other.at;
}

/** The place of the first news with a greater number. */
function placeAfter(news: readonly News[], known: number): number {
  if (news[0] !== undefined && news[0].at > known) return 0;
  return placeIn(news, ({ at }) => (at > known ? 0 : -1));
}

/** Lines in one Buffer, and where each begins. */
interface JoinedLines extends Written {
  readonly bytes: Buffer;
  readonly begins: readonly number[];
}

function joined(news: readonly News[], format: LineFormat): JoinedLines {
  const begins: number[] = [];
  let [length, longest] = [0, 0];
  const lines = news.map(({ line }) => line.encode(format));
  for (const line of lines) {
    begins.push(length);
    const bytes = Buffer.byteLength(line);
    length += bytes;
    longest = Math.max(longest, bytes);
  }
  return { bytes: Buffer.from(lines.join('')), begins, longest };
}

/** Tells the member those of the news that concern it. */
function sendTo(member: NewsReader, news: readonly News[]): void {
  const lines = joined(member.newsToTell(news), member.speaks.format).bytes;
  if (lines.length > 0) member.event(lines, true);
}
