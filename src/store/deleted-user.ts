// What is left of a user who is deleted.
import type { UserChange, UserId } from './directory.js';

/** What a user becomes that is deleted. Its name stays, unless it is erased. */
export const deletedUser = {
  state: 'deleted',
  firstName: '',
  lastName: '',
  status: '',
  password: new Uint8Array(),
} as const satisfies UserChange;

/** The key of a user who is erased. No name has it. */
export function erasedKey(user: UserId): string {
  return `#${user}`;
}
