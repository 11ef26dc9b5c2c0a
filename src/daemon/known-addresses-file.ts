// Keeps the known addresses (accounts/known-addresses.ts) in a file of the data folder, so that a restart does not make
// strangers of all users. The file is written a while after a change, and at a stop.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Logger } from 'pino';
import { KnownAddresses } from '../accounts/known-addresses.js';
import { isCode } from '../store/sqlite/data-error.js';
import { replaceFile } from '../store/sqlite/replace.js';

/** Milliseconds from a change until the file is written, with all changes that came meanwhile. */
const writeDelay = 600_000;

/** The known addresses, and their file. */
export class KnownAddressesFile {
  readonly addresses: KnownAddresses;
  readonly #path: string;
  readonly #log: Logger;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #isClosed = false;

  /**
   * Reads the file. Where that fails, nobody is known.
   * @param folder the data folder, which the daemon has locked
   * @param days as of KnownAddresses
   */
  constructor(folder: string, days: () => number, log: Logger) {
    this.#path = join(resolve(folder), 'salond.known-addresses');
    this.#log = log;
    this.addresses = new KnownAddresses(days, this.#read(), () => this.#writeLater());
  }

  /** Writes the changes that were not written yet. Changes after this call are written only by another call. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#write();
  }

  #read(): string {
    try {
      return readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (!isCode(error, 'ENOENT')) this.#report(error);
      return '';
    }
  }

  #writeLater(): void {
    if (this.#isClosed) return;
    this.#timer ??= setTimeout(() => this.#write(), writeDelay).unref();
  }

  /** Writes without a sync: nobody waits for the disk, and who is known may be lost with the power. */
  #write(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    try {
      replaceFile(this.#path, this.addresses.text, 'relaxed');
      this.#hasFailed = false;
    } catch (error) {
      this.#report(error);
    }
  }

  #report(err: unknown): void {
    if (!this.#hasFailed) this.#log.warn({ err }, 'known_addresses_failed');
    this.#hasFailed = true;
  }
}
