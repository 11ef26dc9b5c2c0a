// Reads what a disk has besides messages, for power-loss.test.ts: users, rooms, tokens, memberships and invitations.
import type { RoomRecord, UserRecord } from '../../src/store/directory.js';
import type { Store } from '../../src/store/store.js';

/** The users whose records are read. */
const people = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'] as const;
/** The rooms whose records are read. */
const places = ['den', 'carols', 'erins', 'club'] as const;

/** A room without its messages. Users stand by their names, erased ones too. */
export interface Place {
  readonly state: string;
  readonly topic: string;
  readonly roles: Readonly<Record<string, string>>;
  /** By whom, for how many seconds, and why. */
  readonly bans: Readonly<Record<string, string>>;
  /** `invited`, or how far the member has read. */
  readonly members: Readonly<Record<string, number | 'invited'>>;
}

/** A user. */
export interface Person {
  readonly state: string;
  readonly firstName: string;
  readonly status: string;
  /** Whether it has the password that it had at first. */
  readonly hasFirstPassword: boolean;
  /** The labels of its tokens, the newest first. */
  readonly tokens: readonly string[];
  readonly blocks: readonly string[];
  /** How far it has read of its conversations, by whom it talks with. */
  readonly conversations: Readonly<Record<string, number>>;
}

/** All records, by names such as `user bob` and `room den`. One that is not there is left out. */
export type Records = Readonly<Record<string, Person | Place | readonly string[]>>;

/** What is known of users from when they were read first: an erased user has no name any more. */
export type FirstSeen = Map<string, { readonly id: number; readonly password: string }>;

/** Reads records. Notes users that were not seen before in `seen`. */
export async function readRecords(store: Store, seen: FirstSeen): Promise<Records> {
  const { directory, invitations, tokens, memberships } = store;
  const found = new Map<string, UserRecord>();
  for (const name of people) {
    const user = await directory.findUser(name);
    if (user === undefined) continue;
    found.set(name, user);
    if (!seen.has(name)) seen.set(name, { id: user.id, password: Buffer.from(user.password).toString('hex') });
  }
  const names = new Map([...seen].map(([name, { id }]) => [id, name]));
  const nameOf = (id: number): string => names.get(id) ?? 'nobody';
  const records: Record<string, Person | Place | readonly string[]> = {};
  for (const [name, { id, state, firstName, status, password }] of found) {
    const conversations = await store.conversations.list(id, undefined, 10);
    records[`user ${name}`] = {
      ...{
        state,
        firstName,
        status,
        hasFirstPassword: seen.get(name)?.password === Buffer.from(password).toString('hex'),
      },
      tokens: (await tokens.list(id)).map(({ label }) => label),
      blocks: await store.blocks.list(id, 10),
      conversations: Object.fromEntries(conversations.map(({ with: other, read }) => [nameOf(other), read])),
    };
  }
  for (const name of places) {
    const room = await directory.findRoom(name);
    if (room !== undefined) records[`room ${name}`] = await placeOf(room);
  }
  records['invitations'] = (await invitations.list('', 10)).map(({ uses, used }) => `${used} of ${uses}`);
  records['bans'] = (await directory.listBans()).map(
    ({ target, reason, until = 0 }) => `${target} ${reason} ${until > 0}`,
  );
  return records;

  async function placeOf({ id, state, topic, roles }: RoomRecord): Promise<Place> {
    const bans = await directory.listRoomBans(id, '', 10, Date.now());
    const members = await memberships.listMembers(id, '', 10);
    return {
      ...{ state, topic, roles: Object.fromEntries([...roles].map(([user, role]) => [nameOf(user), role])) },
      bans: Object.fromEntries(
        bans.map(({ name, by, created, until = Infinity, reason }) => [
          name,
          `${nameOf(by)} ${(until - created) / 1000} ${reason}`,
        ]),
      ),
      members: Object.fromEntries(
        members.map(({ user, isInvited, read }) => [nameOf(user), isInvited ? 'invited' : read]),
      ),
    };
  }
}
