// Users: making them, and who may come in by their names.
import { nameKey } from '../accounts/names.js';
import type { Eviction } from '../chat/eviction.js';
import { defaultLimit } from '../commands/past.js';
import type { User } from '../store/store.js';
import { encodeTime } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { OperatorCommand, OperatorServices } from './services.js';

export function noSuchUser(): Refusal {
  return refusal('not_found', 'there is no user of that name');
}

/** One that is not deleted. */
export async function findAccount({ store }: Pick<OperatorServices, 'store'>, name: string): Promise<User | undefined> {
  const user = await store.findUser(nameKey(name));
  return user?.state === 'deleted' ? undefined : user;
}

/** Ends all sessions of the user, which is known by its key alone: a name may look like anything. How many. */
function ended({ key }: User, reason: string, because: Eviction['because'], { evictions }: OperatorServices): number {
  return evictions.user(key, { reason, because });
}

export const listAccounts: OperatorCommand<'list_accounts'> = async ({ after, limit = defaultLimit }, { store, evictions }) => {
  const found = await store.listUsers(after === undefined ? '' : nameKey(after), limit + 1);
  return {
    results: {},
    list: {
      name: 'accounts',
      items: found.slice(0, limit).map(({ name, key, firstName, lastName, state, created }) => ({
        username: name, first_name: firstName, last_name: lastName, state, sessions: evictions.sessionsOf(key), created: encodeTime(created),
      })),
      more: found.length > limit,
    },
  };
};

export const createAccount: OperatorCommand<'create_account'> = async (parameters, { accounts }) => {
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const name = await accounts.create({ username, firstName, lastName, password }, 'operator');
  return name === undefined ? refusal('refused', 'this name is taken, or looks like a taken one') : { results: { username: name } };
};

export const setPassword: OperatorCommand<'set_password'> = async ({ user: name, password }, services) => {
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  await services.accounts.setPassword(user, password);
  return { results: { username: user.name, sessions: ended(user, 'your password was changed', 'server', services) } };
};

export const disableAccount: OperatorCommand<'disable_account'> = async ({ user: name }, services) => {
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  await services.accounts.change(user, { state: 'disabled' });
  return { results: { username: user.name, sessions: ended(user, 'your account was disabled', 'kicked', services) } };
};

export const deleteAccount: OperatorCommand<'delete_account'> = async ({ user: name }, services) => {
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  await services.accounts.change(user, { state: 'deleted', firstName: '', lastName: '', password: new Uint8Array() });
  return { results: { username: user.name, sessions: ended(user, 'your account was deleted', 'kicked', services) } };
};

export const enableAccount: OperatorCommand<'enable_account'> = async ({ user: name }, services) => {
  const user = await findAccount(services, name);
  if (user === undefined) return noSuchUser();
  await services.accounts.change(user, { state: 'active' });
  return { results: { username: user.name } };
};
