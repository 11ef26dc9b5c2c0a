// Counts the bytes that all connections keep in memory: input that is not read yet, lines that wait for the client,
// stored messages that were read for it, and the rooms that it is in. Where the sum exceeds the limit, the connections
// that hold most are put out. Pure: the caller gives the limit, and the turn in which connections are put out.
import { coalesced } from '../loop/coalesced.js';
import { Account, type BufferAccount, type BufferClass, type BufferHolder, type BufferSums } from './buffer-account.js';
import { heaviestFirst } from './heaviest-first.js';

/**
 * The part of the limit that all guests together may hold. They cost nothing to make, and none of them needs more than
 * a line: so they never take from users what is left.
 */
const guestShare = 0.5;

/** The part of the limit beyond which guests' sockets are read one by one (guest-reading.ts). */
const guestReadShare = 0.125;

/** The part of the limit that connections which are closing may hold beside it. Beyond it they are cut off. */
const leavingShare = 0.25;

/** The most connections that are put out, and cut off, in a turn. Each takes a tenth of a millisecond. */
const putOutsPerTurn = 25;

/**
 * How many times a guest's bytes count where somebody has to be put out. A thousand guests with a line each come before
 * a user who is a little behind, and after one who keeps far more.
 */
const guestWeight = 8;

/** The part of the limit beyond which no more stored messages are read ahead, of the bytes that do not stay. */
const readAheadShare = 0.75;

/** The same of all bytes. What is left holds the parts that are in hand. */
const fullShare = 0.9375;

/** A limit on bytes, the accounts whose bytes it limits, and what is done to those of them that hold most. */
interface Rule {
  readonly isBroken: () => boolean;
  readonly appliesTo: (account: Account) => boolean;
  readonly end: (account: Account) => void;
}

/** The bytes of all connections, and their limit. */
export class MemoryBudget implements BufferSums {
  readonly #limit: () => number;
  readonly #schedule: (enforce: () => void) => void;
  /** The accounts that hold something. */
  readonly #accounts = new Set<Account>();
  /** How many times each shared memory is held. Slices of one buffer share its memory. */
  readonly #holds = new Map<ArrayBufferLike, number>();
  /** The bytes that connections do not share, by the class of the connection. */
  readonly #own: Record<BufferClass, number> = { operator: 0, user: 0, guest: 0, leaving: 0 };
  /** Those of them that stay for as long as the client wants. */
  #kept = 0;
  /** The bytes of `#holds`, each memory counted once. */
  #shared = 0;
  /** The bytes that connections share, counted for each of them. */
  #sharedByEach = 0;
  /** Has connections put out soon. */
  readonly #scheduleEnforcing: () => void;
  /** In the order in which they are seen to: guests go before anybody else does. */
  readonly #rules: readonly Rule[] = [
    {
      isBroken: () => this.#own.guest > this.limit * guestShare,
      appliesTo: (each) => each.class === 'guest',
      end: putOut,
    },
    {
      isBroken: () => this.bytes - this.#own.leaving > this.limit,
      appliesTo: (each) => each.class !== 'leaving',
      end: putOut,
    },
    {
      isBroken: () => this.#own.leaving > this.limit * leavingShare,
      appliesTo: (each) => each.class === 'leaving',
      end: cutOff,
    },
  ];
  /** The callback that waits for room. */
  #whenRoom: (() => void) | undefined;

  /**
   * @param limit the most bytes, which may change
   * @param schedule calls back when connections may be put out: a caller of `add` may be in a loop over a room
   */
  constructor(limit: () => number, schedule: (enforce: () => void) => void = setImmediate) {
    this.#limit = limit;
    this.#schedule = schedule;
    this.#scheduleEnforcing = coalesced(schedule, () => this.#enforce());
  }

  /** The bytes of all connections. */
  get bytes(): number {
    const { operator, user, guest, leaving } = this.#own;
    return operator + user + guest + leaving + this.#shared;
  }

  /** The most bytes that all connections may keep, beside those that are closing. */
  get limit(): number {
    return this.#limit();
  }

  /**
   * Whether there is room for messages that are read ahead. Beyond it, they wait until others have read theirs. Bytes
   * that stay are no reason to wait, until all together are near the limit: pages must not put anybody out.
   */
  get hasRoom(): boolean {
    const { bytes, limit } = this;
    return bytes - this.#kept <= limit * readAheadShare && bytes <= limit * fullShare;
  }

  /** Whether guests' sockets may be read as they like. */
  get guestsHaveRoom(): boolean {
    return this.#own.guest <= this.limit * guestReadShare;
  }

  /** Calls back once, when there is room again. There is one that waits at a time. */
  whenRoom(callback: () => void): void {
    this.#whenRoom = callback;
  }

  /** Opens the account of a connection. */
  open(holder: BufferHolder, bufferClass: BufferClass): BufferAccount {
    return new Account(holder, bufferClass, this);
  }

  /** As `BufferSums.changed`. To be called by the account alone, as the next ones. */
  changed(account: Account, bytes: number): void {
    this.#own[account.class] += bytes;
    this.#judge(account, bytes > 0);
  }

  moved(account: Account, from: BufferClass): void {
    this.#own[from] -= account.own;
    this.#own[account.class] += account.own;
    this.check();
  }

  kept(bytes: number): void {
    this.#kept += bytes;
  }

  shared(account: Account, { buffer, length }: Buffer): void {
    const holds = this.#holds.get(buffer) ?? 0;
    this.#holds.set(buffer, holds + 1);
    if (holds === 0) this.#shared += buffer.byteLength;
    this.#sharedByEach += length;
    this.#judge(account, true);
  }

  unshared(account: Account, { buffer, length }: Buffer): void {
    const holds = this.#holds.get(buffer) ?? 0;
    if (holds > 1) {
      this.#holds.set(buffer, holds - 1);
    } else {
      this.#holds.delete(buffer);
      this.#shared -= buffer.byteLength;
    }
    this.#sharedByEach -= length;
    this.#judge(account, false);
  }

  #judge(account: Account, isMore: boolean): void {
    if (account.own + account.shared > 0) this.#accounts.add(account);
    else this.#accounts.delete(account);
    if (isMore) this.check();
    else this.#tellRoom();
  }

  /** Puts connections out if they keep too much, or tells of room. To be called too where the limit has changed. */
  check(): void {
    if (this.#rules.some(({ isBroken }) => isBroken())) this.#scheduleEnforcing();
    else this.#tellRoom();
  }

  #tellRoom(): void {
    if (this.#whenRoom === undefined || !this.hasRoom) return;
    const callback = this.#whenRoom;
    this.#whenRoom = undefined;
    // The caller may be in the middle of a change.
    this.#schedule(callback);
  }

  /**
   * Puts out those that hold most, until the others keep to the limits, and cuts those off that are closing and hold
   * too much. So many connections a turn: the others follow in the next one.
   */
  #enforce(): void {
    let left = putOutsPerTurn;
    for (const { isBroken, appliesTo, end } of this.#rules) {
      if (!isBroken()) continue;
      for (const account of this.#heaviestFirst(appliesTo)) {
        if (left === 0) {
          this.#scheduleEnforcing();
          return;
        }
        left -= 1;
        end(account);
        if (!isBroken()) break;
      }
    }
  }

  /**
   * The accounts in the order of their bytes, the largest first and operators last.
   *
   * Who shares buffers holds a part of each, as if every shared buffer had as many holders: to ask for the holders of
   * each would take too long.
   */
  #heaviestFirst(includes: (account: Account) => boolean): Iterable<Account> {
    const part = this.#sharedByEach === 0 ? 0 : this.#shared / this.#sharedByEach;
    const weigh = (account: Account): number =>
      (account.own + part * account.shared) * (account.class === 'guest' ? guestWeight : 1);
    return heaviestFirst(this.#accounts, { includes, weigh, isLast: (account) => account.class === 'operator' });
  }
}

function putOut(account: Account): void {
  account.setClass('leaving');
  account.holder.onMemoryShortage();
}

/** The connection is closed only in the next turn, and must not count until then. */
function cutOff(account: Account): void {
  account.close();
  account.holder.destroy();
}
