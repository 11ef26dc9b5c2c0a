// Says why something failed, as part of a sentence for people.
import { getSystemErrorMap } from 'node:util';

/** The message of whatever was thrown, unchanged. The message of a system error begins with its code. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * The reason that an error states. For a system error these are its words alone ("no such file or directory"), without
 * the code, the call and the path that Node.js puts around them. For any other error it is the message.
 */
export function reasonOf(error: unknown): string {
  const errno = error instanceof Error ? (error as NodeJS.ErrnoException).errno : undefined;
  const words = typeof errno === 'number' ? getSystemErrorMap().get(errno)?.[1] : undefined;
  return words ?? messageOf(error);
}
