// Where it is written who came in, who did not, and what operators did. The daemon hands the audit log in
// (ops/audit.ts).
/** The audit log. */
export interface AuditTrail {
  /** @param read whether it was a command that changes nothing */
  write(fields: object, event: string, read?: boolean): void;
}
