// Who came in, who did not, and what operators did: entries of the log that have `"audit":true`, and that stand in a file of their own
// too where one is named.
import { closeSync, openSync } from 'node:fs';
import { pino, type Logger } from 'pino';
import { printableLine } from './printable.js';

/** The file can't be written; the message names it and says why. */
export class AuditError extends Error {}

export class Audit {
  readonly #log: Logger;
  readonly #file: { readonly logger: Logger; readonly destination: ReturnType<typeof pino.destination> } | undefined;

  /** @param path appended to, made for the daemon's user alone where it is missing; empty for none. Throws AuditError. */
  constructor(log: Logger, path: string) {
    this.#log = log;
    if (path === '') return;
    try {
      closeSync(openSync(path, 'a', 0o600));
    } catch (error) {
      throw new AuditError(`${path} can't be written: ${error instanceof Error ? error.message : String(error)}`);
    }
    // Written before the call returns, as the log is: who came in is known even if the daemon ends in the next moment.
    const destination = pino.destination({ dest: path, append: true, mode: 0o600, sync: true });
    destination.on('error', (err) => log.error({ err, path }, 'audit_failed'));
    const logger = pino({ base: null, messageKey: 'event', timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (level) => ({ level }) }, hooks: { streamWrite: printableLine } }, destination);
    this.#file = { logger, destination };
  }

  /** `read` is what changes nothing: the log has it at `debug`, and the file not at all. */
  write(fields: object, event: string, read = false): void {
    this.#log[read ? 'debug' : 'info']({ audit: true, ...fields }, event);
    if (!read) this.#file?.logger.info(fields, event);
  }

  /** Goes on in a new file: the old one was moved away. */
  reopen(): void {
    this.#file?.destination.reopen();
  }
}
