// The users of the memory store. Each change is one synchronous step, which the directory carries out within a commit.
import { deletedUser, erasedKey } from '../deleted-user.js';
import type { Changed, ListedUser, NewUser, UserChange, UserId, UserList, UserRecord, Version } from '../directory.js';
import { endedTokens } from '../tokens.js';
import { compareKeys, type Name } from '../../text/names.js';
import { createdUser, looksAlike, type MemoryData } from './data.js';

/** The users of a directory. The methods are those of `Directory`. */
export class MemoryUsers {
  readonly #data: MemoryData;

  constructor(data: MemoryData) {
    this.#data = data;
  }

  create(user: NewUser): UserId | undefined {
    return createdUser(this.#data, user);
  }

  find(key: string): UserRecord | undefined {
    const found = this.#data.users.find((user) => user.key === key);
    return found && userRecordOf(found);
  }

  namesOf(users: Iterable<UserId>): ReadonlyMap<UserId, string> {
    const names = new Map<UserId, string>();
    for (const id of users) {
      const name = this.#data.users[id]?.name;
      if (name !== undefined) names.set(id, name);
    }
    return names;
  }

  passwordHeads(): readonly Uint8Array[] {
    const heads = this.#data.users
      .filter(({ password }) => password.length > 0)
      .map(({ password }) => Buffer.from(password.subarray(0, 16)));
    return [...new Map(heads.map((head) => [head.toString('hex'), head])).values()].slice(0, 16);
  }

  isTaken(name: Name): boolean {
    return looksAlike(this.#data.users, name);
  }

  change(user: UserId, change: UserChange, version?: Version): Changed {
    const found = this.#toChange(user, version);
    if (typeof found === 'string') return found;
    const { endTokens: _, ...members } = change;
    this.#data.users[user] = { ...found, ...members, version: found.version + 1 };
    const ended = endedTokens(change);
    if (ended !== undefined) this.#data.removeTokens(user, ended.except);
    return 'changed';
  }

  delete(user: UserId, erases: boolean, version?: Version): Changed {
    const found = this.#toChange(user, version);
    if (typeof found === 'string') return found;
    // The skeletons stay. They tell that the name was given once.
    const name = erases ? { name: '', key: erasedKey(user) } : {};
    this.#data.users[user] = { ...found, ...deletedUser, ...name, version: found.version + 1 };
    this.#data.removeUser(user);
    if (erases) this.#data.erasures.add(user);
    return 'changed';
  }

  list(after: string, limit: number): UserList {
    const users = this.#data.users
      .filter(({ key, state }) => state !== 'deleted' && compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map((user) => userRecordOf(user) as ListedUser);
    return { users, next: users.length === limit ? users.at(-1)?.key : undefined };
  }

  /** Finds the user that a change is about, or says why the change is refused. */
  #toChange(user: UserId, version: Version | undefined): (UserRecord & Name) | 'gone' | 'stale' {
    const found = this.#data.users[user];
    if (found === undefined || found.state === 'deleted') return 'gone';
    return version !== undefined && version !== found.version ? 'stale' : found;
  }
}

/** Copies a stored user without its skeletons, which no reader gets. */
export function userRecordOf(user: UserRecord): UserRecord {
  const { id, version, name, key, firstName, lastName, password, state, status, created } = user;
  return { id, version, name, key, firstName, lastName, password, state, status, created };
}
