// Users: making them, and who may come in by their names.
import { nameKey } from '../text/names.js';
import type { Eviction } from '../chat/eviction.js';
import { defaultLimit } from '../commands/past.js';
import type { Success } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import { encodeTime } from '../wire/encode.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import type { Target } from './targets.js';

export function noSuchUser(): Refusal {
  return refusal('not_found', 'there is no user of that name');
}

/** One that is not deleted. */
export async function findAccount(
  { store }: Pick<OperatorServices, 'store'>,
  name: string,
): Promise<UserRecord | undefined> {
  const user = await store.directory.findUser(nameKey(name));
  return user?.state === 'deleted' ? undefined : user;
}

/** Whether a target can be meant: there are users that are not, and no addresses. */
export async function isThere(target: Target, services: Pick<OperatorServices, 'store'>): Promise<boolean> {
  return target.kind !== 'user' || (await findAccount(services, target.key)) !== undefined;
}

/**
 * Changes the user of that name, and ends its sessions where an eviction says how: by its key alone, since a name may
 * look like anything. Refuses where there is no such user, or none any more when the change is made.
 */
async function changeAccount(
  name: string,
  services: OperatorServices,
  change: (user: UserRecord) => Promise<boolean>,
  eviction?: Eviction,
): Promise<Success | Refusal> {
  const user = await findAccount(services, name);
  if (user === undefined || !(await change(user))) return noSuchUser();
  const sessions = eviction === undefined ? undefined : services.evictions.user(user.key, eviction);
  return { results: { username: user.name, sessions } };
}

export const listAccounts: OperatorCommand<'list_accounts'> = async (
  { after, limit = defaultLimit },
  { store, evictions },
) => {
  const found = await store.directory.listUsers(after === undefined ? '' : nameKey(after), limit + 1);
  return {
    results: {},
    list: {
      name: 'accounts',
      items: found.slice(0, limit).map(({ name, key, firstName, lastName, state, created }) => ({
        username: name,
        first_name: firstName,
        last_name: lastName,
        state,
        sessions: evictions.sessionsOf(key),
        created: encodeTime(created),
      })),
      more: found.length > limit,
    },
  };
};

export const createAccount: OperatorCommand<'create_account'> = async (parameters, { accounts }) => {
  const { username, first_name: firstName, last_name: lastName, password } = parameters;
  const name = await accounts.create({ username, firstName, lastName, password }, 'operator');
  if (name === undefined) return refusal('refused', 'this name is taken, or looks like a taken one');
  return { results: { username: name } };
};

export const setPassword: OperatorCommand<'set_password'> = ({ user: name, password }, services) =>
  changeAccount(name, services, (user) => services.accounts.setPassword(user, password), {
    reason: 'your password was changed',
    because: 'server',
  });

export const disableAccount: OperatorCommand<'disable_account'> = ({ user: name }, services) =>
  changeAccount(name, services, (user) => services.accounts.change(user, { state: 'disabled' }), {
    reason: 'your account was disabled',
    because: 'kicked',
  });

export const enableAccount: OperatorCommand<'enable_account'> = ({ user: name }, services) =>
  changeAccount(name, services, (user) => services.accounts.change(user, { state: 'active' }));

export const deleteAccount: OperatorCommand<'delete_account'> = ({ user: name }, services) =>
  changeAccount(
    name,
    services,
    (user) =>
      services.accounts.change(user, { state: 'deleted', firstName: '', lastName: '', password: new Uint8Array() }),
    { reason: 'your account was deleted', because: 'kicked' },
  );
