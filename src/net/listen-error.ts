// Says in words why an address can't be listened on or looked up.
import { reasonOf } from '../text/reason.js';

/** An address can't be listened on. The message names it and says why; `cause` is the system's error. */
export class ListenError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }

  /** The system's error code, such as `EADDRINUSE`; empty if there is none. */
  get code(): string {
    return codeOf(this.cause);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no such addresses',
  EACCES: 'that is not permitted',
  EPERM: 'that is not permitted',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: "the host can't be looked up now: the name server does not answer",
  ENOENT: 'its folder is not there',
  ENOTDIR: 'what should be its folder is a file',
  EROFS: 'its file system is read-only',
  ENOTSOCK: 'it is no socket',
  EINVAL: 'it is nothing that can be listened on',
  ELOOP: 'its symbolic links lead in a circle',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Why listening or a lookup failed: in our words for a known error, otherwise in the system's. */
export function listenFailureReason(error: unknown): string {
  return reasons[codeOf(error)] ?? reasonOf(error);
}

/** Writes HOST:PORT, with brackets around an IPv6 address. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
