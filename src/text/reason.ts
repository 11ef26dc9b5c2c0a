// Why something failed, as part of a sentence for people.
import { getSystemErrorMap } from 'node:util';

/**
 * The reason that an error states: of an error of the system its words alone ("no such file or directory"), without the
 * code, the call and the path that Node.js puts around them; of any other its message.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { errno } = error as NodeJS.ErrnoException;
  const words = typeof errno === 'number' ? getSystemErrorMap().get(errno)?.[1] : undefined;
  return words ?? error.message;
}
