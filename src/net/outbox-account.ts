// What one outbox has on its connection's account: lines that wait, the write that the kernel has not taken, and what
// the session keeps elsewhere.
import type { BufferAccount } from './buffer-account.js';
import { mayBeShared } from './joined-lines.js';
import { sizeOf, type Lines } from './lines.js';
import type { WaitingLines } from './waiting-lines.js';

/** A write that the kernel has not taken all of, and the entry with which it begins. */
interface Write {
  readonly lines: Lines;
  readonly first: Lines | undefined;
  readonly firstHoldsEvents: boolean;
}

/** Counts the bytes of one outbox. */
export class OutboxAccount {
  readonly #account: BufferAccount;
  readonly #lines: WaitingLines;
  /**
   * Whether the entries of `#lines` are on the account. They are from a write that the kernel does not take to the next
   * one: what it takes at once costs no time here.
   */
  #isCounted = false;
  /** The write that the kernel has not taken all of, as it is on the account. */
  #inSocket: { readonly lines: Lines; readonly isShared: boolean } | undefined;
  /** The bytes of the events that wait elsewhere, for `unhold`. */
  #heldBytes = 0;
  /** The bytes of stored messages that were read and are not among the entries yet. */
  #readAhead = 0;

  constructor(account: BufferAccount, lines: WaitingLines) {
    this.#account = account;
    this.#lines = lines;
  }

  /** The bytes of the events that wait elsewhere. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** As `Outbox.hold`. */
  hold(lines: Lines): void {
    this.#heldBytes += sizeOf(lines);
    this.#count(lines, true);
  }

  /** As `Outbox.unhold`. */
  unhold(lines: Lines): void {
    this.#heldBytes -= sizeOf(lines);
    this.#uncount(lines, true);
  }

  /** As `Outbox.readAhead`. */
  readAhead(bytes: number): void {
    this.#account.add(bytes - this.#readAhead);
    this.#readAhead = bytes;
  }

  /** As `Outbox.keep`. */
  keep(bytes: number): void {
    this.#account.keep(bytes);
  }

  /** An entry was added to the lines that wait. */
  added(lines: Lines, holdsEvents: boolean): void {
    if (this.#isCounted) this.#count(lines, holdsEvents);
  }

  /** The kernel has not taken all of a write. Counts it, and everything that waits behind it. */
  waits({ lines, first, firstHoldsEvents }: Write): void {
    // A batch for a room that was alone is written without a copy.
    const isShared = mayBeShared(lines) || (firstHoldsEvents && isSameMemory(first, lines));
    this.#inSocket = { lines, isShared };
    this.#isCounted = true;
    this.#count(lines, isShared);
    this.#lines.each((each, holdsEvents) => this.#count(each, holdsEvents));
  }

  /** The kernel has taken that write. What waits behind it stays. */
  taken(): void {
    if (this.#inSocket !== undefined) this.#uncount(this.#inSocket.lines, this.#inSocket.isShared);
    this.#inSocket = undefined;
  }

  /** Takes everything off that waits here and in the socket, before the next write. */
  release(): void {
    if (!this.#isCounted) return;
    this.#isCounted = false;
    this.taken();
    this.#lines.each((lines, holdsEvents) => this.#uncount(lines, holdsEvents));
  }

  /** Adds what the socket has when nothing more comes, or takes it off. */
  leave(bytes: number): void {
    this.#account.add(bytes);
  }

  /** @param isShared whether other outboxes may have the lines too, if they are a Buffer */
  #count(lines: Lines, isShared: boolean): void {
    if (isShared && typeof lines !== 'string') this.#account.share(lines);
    else this.#account.add(sizeOf(lines));
  }

  /** Undoes `#count`. */
  #uncount(lines: Lines, isShared: boolean): void {
    if (isShared && typeof lines !== 'string') this.#account.unshare(lines);
    else this.#account.add(-sizeOf(lines));
  }
}

/** Whether `lines` are, or are a part of, the entry `first`. */
function isSameMemory(first: Lines | undefined, lines: Lines): boolean {
  return typeof first === 'object' && typeof lines === 'object' && first.buffer === lines.buffer;
}
