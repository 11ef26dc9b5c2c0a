// Maps errors whose cause is outside the program to exit statuses. All other errors are faults of the program.
import { CertificateError } from '../net/tls-files.js';
import { AddressConflict } from '../net/listen-addresses.js';
import { ListenError } from '../net/listen-error.js';
import { AuditError } from '../ops/audit-path.js';
import { InheritedSocketError } from '../ops/systemd/sockets.js';
import { DataError } from '../store/sqlite/data-error.js';
import { StoreFailure } from '../store/store.js';

/** The program's exit statuses for errors, numbered as in sysexits(3). */
export const exitStatus = {
  /** The data can't be used. */
  data: 65,
  /** An address can't be listened on. */
  unavailable: 69,
  /** The system refused something else. */
  system: 71,
  /** The settings are wrong, and will be wrong the next time too. */
  config: 78,
} as const;

type ErrorClass = abstract new (...parameters: never[]) => Error;

/** Whether the error is an instance of one of the classes. */
export function isOneOf<Classes extends readonly ErrorClass[]>(
  error: unknown,
  ...classes: Classes
): error is InstanceType<Classes[number]> {
  return classes.some((each) => error instanceof each);
}

/**
 * The exit status for an error whose cause is outside the program, and whose message is for the operator; undefined for
 * a fault of the program.
 */
export function exitStatusOf(error: unknown): number | undefined {
  if (isOneOf(error, InheritedSocketError, CertificateError, AddressConflict, AuditError)) return exitStatus.config;
  if (isOneOf(error, DataError, StoreFailure)) return exitStatus.data;
  if (error instanceof ListenError) return exitStatus.unavailable;
  // The system's message names the file. A stack would not help the operator.
  return error instanceof Error && 'syscall' in error ? exitStatus.system : undefined;
}
