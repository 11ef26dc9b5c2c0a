// Counts the bytes that all connections keep in memory: input that is not read yet, lines that wait for the client,
// stored messages that were read for it, and the rooms that it is in. Where the sum exceeds the limit, the connections
// that hold most are put out. Pure: the caller gives the limit, and the turn in which connections are put out.
import { coalesced } from '../loop/coalesced.js';
import { heaviestFirst } from './heaviest-first.js';

/** A connection whose buffers are counted. */
export interface BufferHolder {
  /** Whether it has no user. */
  readonly isGuest?: boolean;
  /** Closes the connection with a 199 and drops what it can, because it holds most. */
  onMemoryShortage(): void;
  /** Cuts the connection off, because those that were put out hold too much until their clients read. */
  destroy(): void;
}

/** The account of one connection. Whoever keeps bytes for the connection adds them, and takes them off again. */
export interface BufferAccount {
  /** Reports that the connection is closed: it keeps no bytes of its own, and none are added any more. */
  close(): void;
  /** Adds bytes that only this connection keeps; a negative number takes them off. */
  add(bytes: number): void;
  /**
   * Adds bytes that stay for as long as the client wants, or takes them off. Messages that are read ahead do not wait
   * for them to go.
   */
  keep(bytes: number): void;
  /** Adds a buffer that other connections may keep too. All connections together count it once. */
  share(buffer: Buffer): void;
  /** Takes off a buffer that was added by `share`. */
  unshare(buffer: Buffer): void;
}

/** The part of the limit that connections which were put out may hold. Beyond it they are cut off. */
const leavingShare = 0.5;

/** The most connections that are put out, and cut off, in a turn. Each takes a tenth of a millisecond. */
const putOutsPerTurn = 25;

/**
 * How many times a guest's bytes count where somebody has to be put out. Guests cost nothing to make, so a thousand of
 * them with a line each come before a user who is a little behind, and after one who keeps far more.
 */
const guestWeight = 8;

/** The part of the limit beyond which no more stored messages are read ahead, of the bytes that do not stay. */
const readAheadShare = 0.75;

/** The same of all bytes. What is left holds the parts that are in hand. */
const fullShare = 0.9375;

class Account implements BufferAccount {
  /** Bytes that only this connection keeps. */
  own = 0;
  /** Those of them that stay. */
  #kept = 0;
  /** Bytes that it keeps and others may keep too. */
  shared = 0;
  isLeaving = false;
  #isClosed = false;

  /** @param isLast whether it is put out only after all that are not */
  constructor(
    readonly holder: BufferHolder,
    readonly isLast: boolean,
    private readonly budget: MemoryBudget,
  ) {}

  add(bytes: number): void {
    if (this.#isClosed || bytes === 0) return;
    this.own += bytes;
    this.budget.changed(this, bytes);
  }

  keep(bytes: number): void {
    if (this.#isClosed) return;
    this.#kept += bytes;
    this.budget.kept(bytes);
    this.add(bytes);
  }

  share(buffer: Buffer): void {
    this.shared += buffer.length;
    this.budget.shared(this, buffer);
  }

  unshare(buffer: Buffer): void {
    this.shared -= buffer.length;
    this.budget.unshared(this, buffer);
  }

  close(): void {
    if (this.#isClosed) return;
    this.budget.kept(-this.#kept);
    this.add(-this.own);
    this.#isClosed = true;
  }
}

/** The bytes of all connections, and their limit. */
export class MemoryBudget {
  readonly #limit: () => number;
  readonly #schedule: (enforce: () => void) => void;
  /** The accounts that hold something. */
  readonly #accounts = new Set<Account>();
  /** How many times each shared memory is held. Slices of one buffer share its memory. */
  readonly #holds = new Map<ArrayBufferLike, number>();
  /** The bytes that connections do not share. */
  #own = 0;
  /** Those of them that stay for as long as the client wants. */
  #kept = 0;
  /** The bytes of `#holds`, each memory counted once. */
  #shared = 0;
  /** The bytes that connections share, counted for each of them. */
  #sharedByEach = 0;
  /** The bytes that only connections hold that were put out. */
  #leaving = 0;
  /** Has connections put out soon. */
  readonly #scheduleEnforcing: () => void;
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
    return this.#own + this.#shared;
  }

  /** The most bytes that all connections may keep. */
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

  /** Calls back once, when there is room again. There is one that waits at a time. */
  whenRoom(callback: () => void): void {
    this.#whenRoom = callback;
  }

  /** Opens the account of a connection. @param isLast whether it is put out only after all that are not */
  open(holder: BufferHolder, isLast = false): BufferAccount {
    return new Account(holder, isLast, this);
  }

  /** Reports that an account has so many more bytes of its own. To be called by the account alone. */
  changed(account: Account, bytes: number): void {
    this.#own += bytes;
    if (account.isLeaving) this.#leaving += bytes;
    this.#judge(account, bytes > 0);
  }

  /** Reports that an account has so many more bytes that stay. To be called by the account alone, before `changed`. */
  kept(bytes: number): void {
    this.#kept += bytes;
  }

  /** Reports that an account holds a shared buffer. To be called by the account alone. */
  shared(account: Account, { buffer, length }: Buffer): void {
    const holds = this.#holds.get(buffer) ?? 0;
    this.#holds.set(buffer, holds + 1);
    if (holds === 0) this.#shared += buffer.byteLength;
    this.#sharedByEach += length;
    this.#judge(account, true);
  }

  /** Reports that an account does not hold a shared buffer any more. To be called by the account alone. */
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
    if (this.bytes > this.limit) this.#scheduleEnforcing();
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
   * Puts out those that hold most, until the others keep to the limit. Those that were put out hold what their sockets
   * have until their clients read it. Where that is too much, they are cut off. So many connections a turn: the others
   * follow in the next one.
   */
  #enforce(): void {
    const limit = this.limit;
    let left = putOutsPerTurn;
    if (this.bytes - this.#leaving > limit) {
      for (const account of this.#heaviestFirst((each) => !each.isLeaving)) {
        if (--left < 0) break;
        account.isLeaving = true;
        this.#leaving += account.own;
        account.holder.onMemoryShortage();
        if (this.bytes - this.#leaving <= limit) break;
      }
    }
    if (this.#leaving > limit * leavingShare) {
      for (const account of this.#heaviestFirst((each) => each.isLeaving)) {
        if (--left < 0) break;
        // It is closed only in the next turn, and must not count until then.
        account.close();
        account.holder.destroy();
        if (this.#leaving <= limit * leavingShare) break;
      }
    }
    if (left < 0) this.#scheduleEnforcing();
  }

  /**
   * The accounts in the order of their bytes, the largest first and the last of all last.
   *
   * Who shares buffers holds a part of each, as if every shared buffer had as many holders: to ask for the holders of
   * each would take too long.
   */
  #heaviestFirst(includes: (account: Account) => boolean): Iterable<Account> {
    const part = this.#sharedByEach === 0 ? 0 : this.#shared / this.#sharedByEach;
    const weigh = ({ own, shared, holder }: Account): number =>
      (own + part * shared) * (holder.isGuest === true ? guestWeight : 1);
    return heaviestFirst(this.#accounts, { includes, weigh, isLast: (account) => account.isLast });
  }
}
