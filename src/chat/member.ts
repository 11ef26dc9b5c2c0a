// A session as a member of a room, and the room as its members see it, an interface that room.ts implements: a member
// and its room know each other, and only one of the files may import the other.
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { FollowedLog } from '../store/log.js';
import type { Sentence } from '../wire/words.js';
import type { Listener } from './conversation.js';
import type { EncodedNames } from './encoded-names.js';
import type { News, NewsReader } from './news.js';
import type { ChatUser } from './presence.js';
import type { Recipient } from './recipient.js';
import { firstEdition, type Speaks } from './speaks.js';
import type { EventLine } from '../wire/encode-event.js';

/** Why a user is no longer in a room (event 102). */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** A room as the reply to a join describes it. */
export interface RoomView {
  readonly name: string;
  readonly topic: string;
  /** How many users are in it. */
  readonly count: number;
  readonly names: EncodedNames;
  /** The id of its newest message. */
  readonly last: number;
}

/** A room as its members and their commands see it. */
export interface MemberRoom {
  /** The room's record, in the newest version that this process knows. */
  readonly record: RoomRecord;
  readonly name: string;
  readonly key: string;
  readonly log: FollowedLog;
  /** The name as JSON, encoded once for all lines. */
  readonly json: string;
  /** Those who get the room's events. */
  readonly members: ReadonlySet<Member>;
  /** How many messages were deleted since the room is in use: a page that was read meanwhile may show their texts. */
  readonly deletions: number;
  /** How many users are in the room, those who are absent included. */
  readonly count: number;
  /** Whether nobody is in the room, and nobody may come back to it. */
  readonly isEmpty: boolean;

  /** The room as it is now. */
  view(): RoomView;

  /** What the user may do in the room. */
  roleOf(user: UserId): Role;

  /** Whether a session of the user is in the room, or the user is absent from it. */
  hasUser(user: UserId): boolean;

  /**
   * Whether the user may be in the room beside those who are in it, and those that are `coming` in this step. A user
   * who is in it already takes no other place (`max_users`).
   */
  hasPlaceFor(user: UserId, coming?: ReadonlySet<UserId>): boolean;

  /** Whether the user of the member has no other session that is in the room or about to enter. */
  isLastOfUser(member: Member): boolean;

  /** The first users in the room whose keys come after `key`, `limit` at most, in the order of the keys. */
  usersAfter(key: string, limit: number): readonly ChatUser[];

  /**
   * Adds members that came together, as `Room.enter` does. They hold back the room's events from here on, and are not
   * told of each other: each of them reads what this returns.
   */
  enterTogether(members: readonly Member[]): RoomView;

  /**
   * Removes the member. The others are told where it was the user's last session in the room (PROTOCOL.md §4.2), and
   * the user has not become absent.
   */
  leave(member: Member, reason: LeaveReason): void;

  /** Tells the members who came and went (news.ts). */
  tellNews(): void;

  /** Tells the member what it does not know yet, so that a list of users is not newer than the events before it. */
  tellNewsTo(member: Member): void;

  /**
   * Tells an event of the second edition to all members who speak it, but not to `except`, whose request caused it
   * (PROTOCOL.md §4.2).
   */
  tell(line: EventLine, except?: Member): void;

  /**
   * As `tell`, that a message was deleted. Those whose join replays are told behind their reply: they may have been
   * shown the text.
   */
  tellDeleted(line: EventLine, except?: Member): void;
}

/** One session in one room, from the beginning of its join until it has left. */
export class Member implements Listener, NewsReader {
  cursor = 0;
  /** How many posts and other changes of this member the store has taken that are not answered yet. */
  pending = 0;
  /** Why the member may not speak, as the room's record is now. Every message asks, so it is not looked up. */
  silence: Sentence | undefined;
  newsKnown = 0;
  /** Whether its user was in the room before, as `list_my_rooms` has it: after a start it comes back quietly. */
  wasIn = false;
  /** Whether its user has said goodbye, or was put out: then the others are told of its leaving at once. */
  isFinal = false;
  /** Users of whose leaving the member was not told, because it is on its way out itself. */
  #withheld: Set<UserId> | undefined;
  /** The events that wait for `releaseEvents` (PROTOCOL.md §5.4). Undefined while events are sent at once. */
  #held: (Buffer | string)[] | undefined;
  /** Set once those were dropped: what comes after them is dropped too. */
  #drops = false;
  #out = false;
  /** Moves on when all was answered at once: then no change is to be counted as answered once more. */
  #answers = 0;
  /** Runs when the last of them is answered. */
  #departure: (() => void) | undefined;

  /**
   * @param joined the session's members by the keys of their rooms. This member is among them from `Room.enter` until
   * it is out
   * @param speaks its session, which says which events it gets, and how they are written (PROTOCOL.md §3.6, §8)
   */
  constructor(
    readonly room: MemberRoom,
    readonly user: ChatUser,
    readonly recipient: Recipient,
    readonly joined: Map<string, Member> = new Map(),
    readonly speaks: Speaks = firstEdition,
  ) {}

  /**
   * Whether it has left the room or was evicted. Then no post of it is taken, and its join, if it still runs, replays
   * nothing more.
   */
  get out(): boolean {
    return this.#out;
  }

  get receivesEvents(): boolean {
    return !this.#out || this.pending > 0;
  }

  /**
   * Takes the member out of the room. `depart` runs when all its posts are answered, at once where none is on its way.
   * Does nothing and answers false where it was out already.
   */
  takeOut(depart: () => void): boolean {
    if (this.#out) return false;
    this.#out = true;
    if (this.joined.get(this.room.key) === this) this.joined.delete(this.room.key);
    if (this.pending === 0) depart();
    else this.#departure = depart;
    return true;
  }

  /**
   * Those of these news that the member is to be told: all of them, until it is out. While its last posts are on
   * their way it is told of nobody's leaving, since those who were put out with it leave too, nor that one of these
   * users has come back.
   */
  newsToTell(news: readonly News[]): readonly News[] {
    return news.filter(({ user, isJoin }) => {
      if (this.#out && !isJoin) {
        (this.#withheld ??= new Set()).add(user);
        return false;
      }
      return this.#withheld?.delete(user) !== true;
    });
  }

  /**
   * Reports that the store carries out a change that the member asked for, which is no post: until that is answered,
   * the member is not told that it is out, because after event 106 no request succeeds (PROTOCOL.md §4.4). The answer
   * is to be called once, in the step that knows the outcome, or later.
   */
  changing(): () => void {
    this.pending += 1;
    const answers = this.#answers;
    return () => {
      // The reply goes out in this turn of the event loop.
      setImmediate(() => {
        if (answers !== this.#answers) return;
        this.pending -= 1;
        this.settled();
      });
    };
  }

  /**
   * Reports that its session leaves by a request of its own. All requests before that are answered: so nothing of the
   * member is on its way, and no event of the room may come behind the reply (PROTOCOL.md §4.4).
   */
  answeredAll(): void {
    this.#answers += 1;
    this.pending = 0;
  }

  /** Reports that all lines of a batch with posts of this member are in the outboxes. */
  settled(): void {
    if (this.pending > 0 || this.#departure === undefined) return;
    const depart = this.#departure;
    this.#departure = undefined;
    depart();
  }

  /** Holds events back until `releaseEvents`. A join calls this, so that its replay and its reply come first. */
  holdEvents(): void {
    this.#held ??= [];
  }

  /** Sends the events that were held back, in their order. Later events are sent at once. */
  releaseEvents(): void {
    for (const line of this.#held ?? []) {
      this.recipient.unhold?.(line);
      this.recipient.event(line);
    }
    this.#held = undefined;
  }

  /**
   * Drops the events that were held back, and those that come until the member is out: the join has failed, or the
   * session has ended, or the member was evicted.
   */
  dropEvents(): void {
    for (const line of this.#held ?? []) this.recipient.unhold?.(line);
    this.#held = undefined;
    this.#drops = true;
  }

  /** Sends an event, or holds it back. @param mayWait see Recipient */
  event(line: Buffer | string, mayWait = false): void {
    if (this.#drops) return;
    if (this.#held === undefined) {
      this.recipient.event(line, mayWait);
    } else {
      this.#held.push(line);
      this.recipient.hold?.(line);
    }
  }
}
