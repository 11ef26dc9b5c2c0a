// Deletes a user, for clients' and operators' commands alike: its sessions end, and with `erases` its texts go from the
// disk. What a process could not finish, the next one does.
import type { Logger } from 'pino';
import type { Accounts } from '../accounts/accounts.js';
import type { Bans } from '../accounts/bans.js';
import type { SeenUsers } from '../accounts/last-seen.js';
import type { Eviction, Evictions } from '../chat/eviction.js';
import type { UserRecord } from '../store/directory.js';
import { unreached, type Unreached } from '../store/erasures.js';
import { atOnce, type Store } from '../store/store.js';
import type { Payer } from '../turns/payer.js';
import { say, type Sentence } from '../wire/words.js';
import type { Deletions } from './deletions.js';
import type { Session } from './session.js';
import { handRoomsOver, type SuccessionServices } from './succession.js';

/** What is needed to delete a user. */
export interface DeletionServices extends Pick<SuccessionServices, 'rooms' | 'memberships'> {
  readonly store: Pick<Store, 'erasures'> & SuccessionServices['store'];
  readonly accounts: Accounts;
  readonly bans: Bans;
  readonly evictions: Evictions;
  readonly lastSeen: SeenUsers;
  readonly deletions: Deletions;
  readonly log: Pick<Logger, 'warn'>;
}

/** How a user is deleted. */
export interface Deletion {
  /** Whether the texts of its messages and its name are erased too. */
  readonly erases: boolean;
  /** What its sessions are told. */
  readonly eviction: Eviction;
  /** The session that asked for it, which is logged out instead. */
  readonly session?: Session;
  readonly payer?: Payer;
}

/** What became of a deletion. */
export interface Deleted {
  /** How many sessions ended. */
  readonly sessions: number;
  /** What is left to do, in words: the disk is full, say. It is done later. */
  readonly left?: Sentence;
}

/**
 * Deletes a user. Fulfils once nothing of what had to go is left in any file, or says what is left; undefined, without
 * a change, where the user was deleted before, or is not as it was read. Rejects as the store does, where nothing was
 * changed.
 */
export async function deleteUser(
  user: UserRecord,
  { erases, eviction, session, payer }: Deletion,
  services: DeletionServices,
): Promise<Deleted | undefined> {
  const { store, accounts, bans, evictions, lastSeen, deletions, log } = services;
  let damage = unreached();
  if (!(await accounts.delete(user, erases, payer))) return undefined;
  lastSeen.forget(user.id);
  const { sessions: ended } = await evictions.user(user.key, eviction, session);
  await session?.becomeGuest('left');
  // The sessions that have just ended reported when they were seen.
  lastSeen.forget(user.id);
  // The deletion is stored: a failure from here on must not say that nothing was done.
  const isDone = await deletions.finish(async () => {
    await handRoomsOver(user.id, { ...services, inTurn: atOnce });
    if (erases) {
      // Its target is the name.
      await bans.remove({ kind: 'user', target: user.key });
      damage = await store.erasures.eraseTexts(user.id);
      report(damage, log);
    }
    await store.erasures.overwritten();
  });
  if (!isDone)
    return { sessions: ended, left: say(erases ? 'reasons.erased_left_on_disk' : 'reasons.deleted_left_on_disk') };
  return { sessions: ended, ...(damage.rows === 0 ? {} : { left: say('reasons.damaged_left_on_disk') }) };
}

/** Logs which damaged rows an erasure has passed over. */
function report({ rows, logs }: Unreached, log: Pick<Logger, 'warn'>): void {
  if (rows > 0) log.warn({ rows, rooms: logs.join(' ') }, 'erasure_incomplete');
}

/** Erases what an earlier process has left, and mends the list of erasures. Rejects as the store does. */
export async function finishErasures({
  store: { erasures },
  log,
}: Pick<DeletionServices, 'store' | 'log'>): Promise<void> {
  await erasures.keepInList();
  for (;;) {
    const users = await erasures.unfinished();
    for (const user of users) report(await erasures.eraseTexts(user), log);
    if (users.length === 0) return;
    await erasures.overwritten();
  }
}
