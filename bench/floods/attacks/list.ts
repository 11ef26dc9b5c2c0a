// All attacks, in the order of the table, and what belongs to each while all run at the same time.
import type { Attack, Target } from '../attack.js';
import { hostileBytes } from './bytes.js';
import { connections } from './connections.js';
import { guests } from './guests.js';
import { store } from './pages.js';
import { passwords } from './passwords.js';
import { roomReaders } from './readers.js';
import { rooms } from './rooms.js';

/** All attacks, in the order of the table. */
export const attacks: readonly Attack[] = [
  ...roomReaders,
  ...passwords,
  hostileBytes,
  ...guests,
  ...store,
  ...rooms,
  ...connections,
];

/** Users below this number are no attackers. */
const honest = 100;

/** The first network of attackers; those below are of honest people. */
const firstNet = 10;

/** How many users `load-0` and so on the data needs. */
export const userCount = attacks.reduce((sum, { users = 0 }) => sum + users, honest);

/** What belongs to an attack alone: its users and its network. Throws RangeError if there is no such attack. */
export function groundOf(name: string): Pick<Target, 'firstUser' | 'net'> & { readonly attack: Attack } {
  const at = attacks.findIndex((each) => each.name === name);
  const attack = attacks[at];
  if (attack === undefined) throw new RangeError(`there is no attack ${name}`);
  const firstUser = attacks.slice(0, at).reduce((sum, { users = 0 }) => sum + users, honest);
  return { attack, firstUser, net: firstNet + at };
}
