// Why something failed, as part of a sentence for people.
import { getSystemErrorMap } from 'node:util';

/** The message of whatever was thrown, as it is: that of an error of the system begins with its code. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The reason that an error states: of an error of the system its words alone ("no such file or directory"), without the
 * code, the call and the path that Node.js puts around them; of any other its message.
 */
export function reasonOf(error: unknown): string {
  const errno = error instanceof Error ? (error as NodeJS.ErrnoException).errno : undefined;
  const words = typeof errno === 'number' ? getSystemErrorMap().get(errno)?.[1] : undefined;
  return words ?? messageOf(error);
}
