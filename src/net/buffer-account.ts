// The account of one connection in the memory budget (memory-budget.ts): what it keeps, and as whom it keeps that.
import type { PayerClass } from '../turns/payer.js';

/** Whose bytes they are: those of a connection of a class, or of one that is closing and has only to be read. */
export type BufferClass = PayerClass | 'leaving';

/** A connection whose buffers are counted. */
export interface BufferHolder {
  /** Closes the connection with a 199 and drops what it can, because it holds most. Its account is `leaving` then. */
  onMemoryShortage(): void;
  /** Cuts the connection off, because those that are closing hold too much until their clients read. */
  destroy(): void;
}

/** The account of one connection. Whoever keeps bytes for the connection adds them, and takes them off again. */
export interface BufferAccount {
  /** Sets whose bytes they are from now on. A connection that is `leaving` stays so. */
  setClass(bufferClass: BufferClass): void;
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

/** The sums that accounts are part of. */
export interface BufferSums {
  /** An account has so many more bytes of its own. */
  changed(account: Account, bytes: number): void;
  /** An account with these bytes was of that class until now. */
  moved(account: Account, from: BufferClass): void;
  /** An account has so many more bytes that stay. Called before `changed`. */
  kept(bytes: number): void;
  /** An account holds a shared buffer. */
  shared(account: Account, buffer: Buffer): void;
  /** An account does not hold a shared buffer any more. */
  unshared(account: Account, buffer: Buffer): void;
}

/** An account, and the bytes on it. */
export class Account implements BufferAccount {
  /** Bytes that only this connection keeps. */
  own = 0;
  /** Those of them that stay. */
  #kept = 0;
  /** Bytes that it keeps and others may keep too. */
  shared = 0;
  #class: BufferClass;
  #isClosed = false;

  constructor(
    readonly holder: BufferHolder,
    bufferClass: BufferClass,
    private readonly sums: BufferSums,
  ) {
    this.#class = bufferClass;
  }

  get class(): BufferClass {
    return this.#class;
  }

  setClass(bufferClass: BufferClass): void {
    const before = this.#class;
    if (bufferClass === before || before === 'leaving') return;
    this.#class = bufferClass;
    this.sums.moved(this, before);
  }

  add(bytes: number): void {
    if (this.#isClosed || bytes === 0) return;
    this.own += bytes;
    this.sums.changed(this, bytes);
  }

  keep(bytes: number): void {
    if (this.#isClosed) return;
    this.#kept += bytes;
    this.sums.kept(bytes);
    this.add(bytes);
  }

  share(buffer: Buffer): void {
    this.shared += buffer.length;
    this.sums.shared(this, buffer);
  }

  unshare(buffer: Buffer): void {
    this.shared -= buffer.length;
    this.sums.unshared(this, buffer);
  }

  close(): void {
    if (this.#isClosed) return;
    this.sums.kept(-this.#kept);
    this.add(-this.own);
    this.#isClosed = true;
  }
}
