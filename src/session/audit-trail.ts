// The interface of the audit log: logins, refused logins, and what operators did. ops/audit.ts implements it.

/** Records events for the audit. */
export interface AuditTrail {
  /** @param read whether it was a command that changes nothing */
  write(fields: object, event: string, read?: boolean): void;
}
