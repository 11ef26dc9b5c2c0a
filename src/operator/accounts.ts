// Operators' commands about accounts: lists, creates, changes, disables and deletes users.
import { operatorAddress } from '../accounts/hash-queue.js';
import type { Eviction } from '../chat/eviction.js';
import type { EmptiedRoom } from '../session/delete-room.js';
import { deleteUser, type Deleted } from '../session/delete-user.js';
import { defaultLimit, listPage, readList } from '../session/list-page.js';
import type { UserRecord } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { encodeTime } from '../wire/encode.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { inWords, say } from '../wire/words.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import type { Target } from './targets.js';

/** Makes the refusal where there is no user of a name. */
export function noSuchUser(): Refusal {
  return refusal('not_found', say('no_user_of_name'));
}

/** Finds the user of that name, if it is not deleted. */
export async function findAccount(
  { store, inTurn }: Pick<OperatorServices, 'store' | 'inTurn'>,
  name: string,
): Promise<UserRecord | undefined> {
  const user = await inTurn(() => store.directory.findUser(nameKey(name)));
  return user?.state === 'deleted' ? undefined : user;
}

/** Whether a target exists. An address, a network or a session number always does, a user only if it is stored. */
export async function isThere(target: Target, services: Pick<OperatorServices, 'store' | 'inTurn'>): Promise<boolean> {
  return target.kind !== 'user' || (await findAccount(services, target.key)) !== undefined;
}

/**
 * Changes the user of that name. Refuses (11) where there is no such user, or it is deleted before the change is made.
 */
async function changeAccount(
  name: string,
  services: OperatorServices,
  change: (user: UserRecord) => Promise<boolean>,
): Promise<UserRecord | Refusal> {
  const user = await findAccount(services, name);
  return user === undefined || !(await change(user)) ? noSuchUser() : user;
}

/** Changes the user, and ends its sessions. Refuses (11) as `changeAccount` does. */
async function changeAndEvict(
  name: string,
  services: OperatorServices,
  change: (user: UserRecord) => Promise<boolean>,
  eviction: Eviction,
): Promise<{ readonly results: { readonly username: string; readonly sessions: number } } | Refusal> {
  const user = await changeAccount(name, services, change);
  if ('code' in user) return user;
  const { sessions } = await services.evictions.user(user.key, eviction);
  return { results: { username: user.name, sessions } };
}

/** Lists the users after the name `after`, in the order of their folded names. */
export const listAccounts: OperatorCommand<'list_accounts'> = async (
  _operator,
  { parameters },
  { store, presence, inTurn },
) => {
  const { after, limit = defaultLimit } = parameters;
  const found = await readList(after, limit, async (from, most) => {
    const { users: items, next } = await inTurn(() => store.directory.listUsers(from, most));
    return { items, next };
  });
  return listPage('accounts', found, limit, ({ name, key, firstName, lastName, state, created }) => ({
    username: name,
    first_name: firstName,
    last_name: lastName,
    state,
    sessions: presence.countOf(key),
    created: encodeTime(created),
  }));
};

/** Creates a user, also while registration is closed. */
export const createAccount: OperatorCommand<'create_account'> = async (
  _operator,
  { parameters },
  { accounts, inTurn },
) => {
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const account = { username, firstName, lastName, password };
  const name = await accounts.create(account, operatorAddress, undefined, inTurn);
  if (name === undefined) return refusal('refused', say('name_taken'));
  return { results: { username: name } };
};

/** Sets a user's password, and ends the user's sessions. */
export const setPassword: OperatorCommand<'set_password'> = (_operator, { parameters }, services) =>
  changeAndEvict(parameters.user, services, (user) => services.accounts.setPassword(user, parameters.password), {
    reason: say('reasons.password_changed'),
    because: 'server',
  });

/** Disables the user, so that nobody can log in as it, and ends its sessions. The name stays taken. */
export const disableAccount: OperatorCommand<'disable_account'> = (_operator, { parameters }, services) =>
  changeAndEvict(parameters.user, services, (user) => services.accounts.change(user, { state: 'disabled' }), {
    reason: say('reasons.account_disabled'),
    because: 'kicked',
  });

/** Lets the user log in again. */
export const enableAccount: OperatorCommand<'enable_account'> = async (_operator, { parameters }, services) => {
  const { accounts } = services;
  const user = await changeAccount(parameters.user, services, (found) => accounts.change(found, { state: 'active' }));
  return 'code' in user ? user : { results: { username: user.name } };
};

/** Deletes all of the user but its name and messages, for good, ends its sessions, and gives its rooms new owners. */
export const deleteAccount: OperatorCommand<'delete_account'> = (_operator, { parameters }, services) =>
  deleteNamed(parameters.user, false, services);

/** Deletes a user, its name, and the texts of all its messages. Answers once they are gone from the disk. */
export const eraseAccount: OperatorCommand<'erase_account'> = (_operator, { parameters }, services) =>
  deleteNamed(parameters.user, true, services);

/** What became of a deletion, for operators' replies. */
export function inEnglish({ sessions, left }: Deleted | EmptiedRoom): {
  readonly sessions: number;
  readonly left?: string;
} {
  return left === undefined ? { sessions } : { sessions, left: inWords(left, 'en') };
}

/** Deletes the user of that name. Refuses (11) where there is no such user. */
async function deleteNamed(
  name: string,
  erases: boolean,
  services: OperatorServices,
): Promise<{ readonly results: OperatorResults['erase_account'] } | Refusal> {
  const eviction = { reason: say('reasons.account_deleted'), because: 'kicked' } as const;
  for (;;) {
    const user = await findAccount(services, name);
    if (user === undefined) return noSuchUser();
    const deleted = await deleteUser(user, { erases, eviction }, services);
    // Where it is not as it was read, its password was changed meanwhile.
    if (deleted !== undefined) return { results: { username: user.name, ...inEnglish(deleted) } };
  }
}
