// The memberships of the memory store.
import type { RoomId, UserId } from '../directory.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage } from '../log.js';
import { MembershipBatch, membershipId, type MembershipCounts } from '../membership-batch.js';
import { MembershipWriter } from '../membership-writer.js';
import type { JoinedRoom, Membership, MembershipChange, MembershipOutcome, MembershipStore } from '../membership.js';
import { compareKeys } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import type { MemoryData } from './data.js';

/** Memberships in memory. A change is a write of the group commit. */
export class MemoryMemberships implements MembershipStore {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  readonly #writer: MembershipWriter;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
    this.#writer = new MembershipWriter(commits, async (changes) => this.#apply(changes));
  }

  change(change: MembershipChange, payer?: Payer): Promise<MembershipOutcome> {
    return this.#writer.change(change, payer);
  }

  #apply(changes: readonly MembershipChange[]): readonly MembershipOutcome[] {
    const { members, rooms, users } = this.#data;
    const counts = new Map<UserId, MembershipCounts>(changes.map(({ user }) => [user, this.#countsOf(user)]));
    const batch = new MembershipBatch(members.values(), counts);
    const outcomes = changes.map((change) => batch.apply(change));
    for (const [id, written] of batch.written) {
      if (written === undefined) members.delete(id);
      else if (rooms[written.room]?.state !== 'deleted' && users[written.user]?.state !== 'deleted')
        members.set(id, written);
    }
    return outcomes;
  }

  #countsOf(user: UserId): MembershipCounts {
    const own = [...this.#data.members.values()].filter((each) => each.user === user);
    const invited = own.filter(({ isInvited }) => isInvited).length;
    const of = new Map<UserId, number>();
    for (const { by } of own.filter(({ isInvited }) => isInvited)) of.set(by, (of.get(by) ?? 0) + 1);
    const [most] = [...of].sort(([, one], [, other]) => other - one)[0] ?? [];
    const yielding = own.filter(({ isInvited, by }) => isInvited && by === most).sort((a, b) => a.since - b.since);
    return { joined: own.length - invited, invited, of, yielding };
  }

  async find(room: RoomId, key: string): Promise<Membership | undefined> {
    return this.#data.members.get(membershipId({ room, key }));
  }

  async share(one: UserId, other: UserId): Promise<boolean> {
    const joined = [...this.#data.members.values()].filter(({ isInvited }) => !isInvited);
    const rooms = new Set(joined.filter(({ user }) => user === one).map(({ room }) => room));
    return joined.some(({ user, room }) => user === other && rooms.has(room));
  }

  async countJoined(user: UserId): Promise<number> {
    return this.#countsOf(user).joined;
  }

  async listRooms(user: UserId, after: string, limit: number): Promise<readonly JoinedRoom[]> {
    return [...this.#data.members.values()]
      .filter((each) => each.user === user && !each.isInvited)
      .flatMap(({ room, read }) => {
        const found = this.#data.rooms[room];
        if (found === undefined) return [];
        const { name, key, roles, erased } = found;
        return [{ room, name, key, role: roles.get(user) ?? ('member' as const), read, erased }];
      })
      .filter(({ key }) => compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit);
  }

  async listMembers(room: RoomId, after: string, limit: number): Promise<readonly Membership[]> {
    return [...this.#data.members.values()]
      .filter((each) => each.room === room && compareKeys(each.key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit);
  }

  async oldest(room: RoomId, except: UserId): Promise<Membership | undefined> {
    return [...this.#data.members.values()]
      .filter((each) => each.room === room && each.user !== except)
      .filter(({ user }) => this.#data.users[user]?.state === 'active')
      .filter(({ user }) => this.#data.rooms[room]?.roles.has(user) === false)
      .sort((a, b) => Number(a.isInvited) - Number(b.isInvited) || a.since - b.since || compareKeys(a.key, b.key))[0];
  }

  async endInvitations(user: UserId, by: UserId, payer?: Payer): Promise<void> {
    await this.#commits.write(async () => {
      const { members } = this.#data;
      for (const [id, each] of members) if (each.isInvited && each.user === user && each.by === by) members.delete(id);
    }, payer);
  }
}
