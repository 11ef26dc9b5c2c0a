// The invitations of the memory store.
import type { NewUser } from '../directory.js';
import type { GroupCommit } from '../group-commit.js';
import {
  isWorth,
  type Invitation,
  type InvitationStore,
  type NewInvitation,
  type Registration,
} from '../invitations.js';
import type { NewMessage } from '../log.js';
import { compareKeys } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import { createdUser, type MemoryData } from './data.js';

/** Invitations in memory. A change is a write of the group commit. */
export class MemoryInvitations implements InvitationStore {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  async add({ hash, ...invitation }: NewInvitation): Promise<void> {
    await this.#commits.write(async () => void this.#data.invitations.set(textOf(hash), { ...invitation, used: 0 }));
  }

  remove(id: string): Promise<boolean> {
    const { invitations } = this.#data;
    return this.#commits.write(async () => {
      const [hash] = [...invitations].find(([, each]) => each.id === id) ?? [];
      return hash !== undefined && invitations.delete(hash);
    });
  }

  async list(after: string, limit: number): Promise<readonly Invitation[]> {
    return [...this.#data.invitations.values()]
      .filter(({ id }) => compareKeys(id, after) > 0)
      .sort((a, b) => compareKeys(a.id, b.id))
      .slice(0, limit);
  }

  async find(hash: Uint8Array): Promise<Invitation | undefined> {
    return this.#data.invitations.get(textOf(hash));
  }

  register(user: NewUser, hash: Uint8Array, payer?: Payer): Promise<Registration> {
    const { invitations } = this.#data;
    return this.#commits.write(async () => {
      const found = invitations.get(textOf(hash));
      if (found === undefined || !isWorth(found, Date.now())) return 'uninvited';
      const id = createdUser(this.#data, user);
      if (id === undefined) return 'taken';
      invitations.set(textOf(hash), { ...found, used: found.used + 1 });
      return id;
    }, payer);
  }
}

function textOf(hash: Uint8Array): string {
  return Buffer.from(hash).toString('hex');
}
