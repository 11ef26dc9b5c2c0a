// The audit trail: logins, failed logins, and what operators did. Its entries are in the log with `"audit":true`, and in a
// file of their own if `audit_log` names one.
import { pino, type Logger } from 'pino';
import { AuditFile } from './audit-file.js';
import { printableLine } from './printable.js';

export { AuditError } from './audit-file.js';

interface Trail {
  readonly logger: Logger;
  readonly file: AuditFile;
}

export class Audit {
  readonly #log: Logger;
  #trail: Trail | undefined;

  /**
   * Where the file can't be opened, that is logged, its lines are held, and it is tried again every few seconds: people
   * who chat should not have to wait for somebody to mend a folder's permissions.
   * @param path appended to, made for the daemon's user alone where it is missing; empty for none
   */
  constructor(log: Logger, path: string) {
    this.#log = log;
    if (path === '') return;
    this.#trail = this.#trailTo(path);
    try {
      this.#trail.file.open();
    } catch (error) {
      this.#trail.file.failed(error);
    }
  }

  /** `read` is what changes nothing: the log has it at `debug`, and the file not at all. */
  write(fields: object, event: string, read = false): void {
    this.#log[read ? 'debug' : 'info']({ audit: true, ...fields }, event);
    if (!read) this.#trail?.logger.info(fields, event);
  }

  /**
   * Opens the file, the same or another: the old one may have been moved away. Nothing else changes before the answer
   * is called, which goes on in the new file (none where `path` is empty), first with the lines that the old one could
   * not take. Throws AuditError, and the old file goes on.
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

  /** Closes the file. Nothing may be written after it. */
  close(): void {
    this.#trail?.file.close();
    this.#trail = undefined;
  }

  #trailTo(path: string): Trail {
    const file = new AuditFile(path, {
      onFailure: (err) => this.#log.error({ err, path }, 'audit_failed'),
      onResumed: (dropped) => this.#log.info({ path, dropped }, 'audit_resumed'),
    });
    // Raw C1 and bidi characters are legal in JSON, and still reach a terminal by `tail -f`.
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
