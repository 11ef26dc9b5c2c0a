// The audit trail: logins, failed logins, and what operators did. Its entries go to the log with `"audit":true`, and to
// a file of their own if `audit_log` names one.
import { pino, type Logger } from 'pino';
import { AuditFile } from './audit-file.js';
import { printableLine } from '../text/printable.js';

export { AuditError } from './audit-path.js';

interface Trail {
  readonly logger: Logger;
  readonly file: AuditFile;
}

/** Writes the audit trail's entries. */
export class Audit {
  readonly #log: Logger;
  #trail: Trail | undefined;

  /**
   * If the file can't be opened, logs that, queues the lines and tries again every few seconds: a wrong permission must
   * not keep people from chatting.
   * @param path the file to append to, which is created for the daemon's user alone if it is missing; empty for none
   */
  constructor(log: Logger, path: string) {
    this.#log = log;
    if (path === '') return;
    this.#trail = this.#trailTo(path);
    try {
      this.#trail.file.open();
    } catch (error) {
      this.#trail.file.retryAfterFailure(error);
    }
  }

  /**
   * Writes an entry. `read` marks an entry about something that changed nothing: it is logged at `debug`, and not
   * written to the file.
   */
  write(fields: object, event: string, read = false): void {
    this.#log[read ? 'debug' : 'info']({ audit: true, ...fields }, event);
    if (!read) this.#trail?.logger.info(fields, event);
  }

  /**
   * Opens another file, or the same path again if the old file was moved away. An empty path means no file. Returns a
   * function that switches to the new file, and first writes to it the lines that the old file could not take. Until
   * that function is called the old file stays in use. Throws AuditError.
   */
  prepare(path: string): () => void {
    const next = path === '' ? undefined : this.#trailTo(path);
    next?.file.open();
    return () => {
      const before = this.#trail?.file;
      this.#trail = next;
      const { lines, dropped } = before?.close() ?? { lines: [], dropped: 0 };
      const unwritten = lines.length + dropped;
      if (unwritten === 0) return;
      if (next === undefined) this.#log.error({ path: before?.path, lost_lines: unwritten }, 'audit_failed');
      else next.file.takeOver({ lines, dropped });
    };
  }

  /** Closes the file. Nothing may be written afterwards. */
  close(): void {
    this.#trail?.file.close();
    this.#trail = undefined;
  }

  #trailTo(path: string): Trail {
    const file = new AuditFile(path, {
      onFailure: (err) => this.#log.error({ err, path }, 'audit_failed'),
      onResumed: (dropped) => this.#log.info({ path, dropped }, 'audit_resumed'),
    });
    // Raw C1 and bidi characters are legal in JSON, and would reach a terminal by `tail -f`.
    const out = { write: (line: string) => file.write(printableLine(line)) };
    const logger = pino(
      {
        base: null,
        messageKey: 'event',
        timestamp: pino.stdTimeFunctions.isoTime,
        formatters: { level: (level) => ({ level }) },
      },
      out,
    );
    return { logger, file };
  }
}
