// Kills the daemon again and again while all other records change: roles, bans, memberships, settings, topics, read
// marks, blocks, tokens and states of users, while a room is trimmed and while a user is erased (PROTOCOL.md §5.1).
// What was answered 1 is there afterwards; of what was not answered either nothing is there or all. `npm run test:slow`
// kills more often.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Random } from '../fuzz/random.js';
import { Client, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { testSeed } from '../support/seed.js';

const rounds = Math.ceil(Number(process.env['KILLS'] ?? 5) / 2);
const random = new Random(testSeed(t));

/** A change of a record. */
interface Deed {
  /** The record's. */
  readonly name: string;
  readonly request: object;
  /** What the record is after it. */
  readonly value: unknown;
}

/** Answers the records as the daemon has them, by name. */
type Reading = (client: Client) => Promise<ReadonlyMap<string, unknown>>;

/** What one user has changed, and what of it was answered. */
class Changes {
  readonly #settled = new Map<string, unknown>();
  #pending: Deed | undefined;
  answers = 0;

  constructor(
    readonly user: string,
    readonly deeds: readonly (() => Deed)[],
    readonly reading: Reading,
  ) {}

  async client(port: number): Promise<Client> {
    return (await Client.connect(port)).enter(this.user, 'lobby');
  }

  /** Changes one record after the other until the daemon is gone. */
  async untilGone(client: Client): Promise<void> {
    try {
      for (;;) {
        const deed = this.deeds[random.below(this.deeds.length)]?.();
        if (deed === undefined) return;
        this.#pending = deed;
        const { code, raw } = await client.request(deed.request);
        // 11: who is not there can't be put out or unbanned, which leaves it as it was to be.
        if (code !== 1 && code !== 11) throw new Error(raw);
        this.#settled.set(deed.name, deed.value);
        this.#pending = undefined;
        this.answers += 1;
      }
    } catch (error) {
      if ((error as Error).message !== 'the connection ended') throw error;
    }
  }

  /** What is wrong with the records that the daemon has. */
  async problems(port: number): Promise<readonly string[]> {
    const client = await this.client(port);
    const found = await this.reading(client);
    client.destroy();
    const problems: string[] = [];
    for (const [name, value] of this.#settled) {
      const now = JSON.stringify(found.get(name));
      const isPending = this.#pending?.name === name && now === JSON.stringify(this.#pending.value);
      if (now !== JSON.stringify(value) && !isPending) problems.push(`${name} was ${JSON.stringify(value)}, is ${now}`);
      this.#settled.set(name, found.get(name));
    }
    this.#pending = undefined;
    return problems;
  }
}

const listOf = ({ body }: Line, name: string): readonly Record<string, unknown>[] =>
  body[name] as readonly Record<string, unknown>[];
const room = 'lobby';
const text = (): string => `text ${random.below(1e9)}`;

/** The owner's changes of the room. */
const ofOwner = new Changes(
  'alice',
  [
    () => {
      const role = random.pick(['member', 'muted', 'moderator']);
      return { name: 'role', request: { command: 'set_role', room, user: 'bob', role }, value: role };
    },
    () => {
      const on = random.once(2);
      return { name: 'ban', request: { command: on ? 'ban_user' : 'unban_user', room, user: 'carol' }, value: on };
    },
    () => {
      const on = random.once(2);
      return { name: 'member', request: { command: on ? 'invite_user' : 'kick_user', room, user: 'dave' }, value: on };
    },
    () => {
      const welcome = text();
      return { name: 'welcome', request: { command: 'set_chatroom', room, welcome }, value: welcome };
    },
    () => {
      const topic = text();
      return { name: 'topic', request: { command: 'set_topic', room, topic }, value: topic };
    },
    () => {
      const id = random.below(3);
      return { name: 'read', request: { command: 'mark_read', room, id }, value: id };
    },
  ],
  async (client) => {
    const members = listOf(await client.ok({ command: 'list_members', room }), 'users');
    const bans = listOf(await client.ok({ command: 'list_bans', room }), 'bans');
    const { body: settings } = await client.ok({ command: 'set_chatroom', room });
    const { body: joined } = await client.ok({ command: 'join_chatroom', username: 'alice', room });
    const [mine] = listOf(await client.ok('list_my_rooms'), 'rooms');
    return new Map<string, unknown>([
      ['role', members.find(({ username }) => username === 'bob')?.['role']],
      ['member', members.some(({ username }) => username === 'dave')],
      ['ban', bans.some(({ username, user }) => (username ?? user) === 'carol')],
      ['welcome', settings['welcome']],
      ['topic', joined['topic']],
      ['read', mine?.['read']],
    ]);
  },
);

/** What a user changes of itself. Tokens are in `tokens`, by their ids: whether they are to be there. */
const ofUser = new Changes(
  'bob',
  [
    () => {
      const on = random.once(2);
      return { name: 'block', request: { command: on ? 'block_user' : 'unblock_user', user: 'erin' }, value: on };
    },
    () => {
      const status = text();
      return { name: 'status', request: { command: 'update_user', status }, value: status };
    },
    () => {
      const id = random.below(2);
      return { name: 'direct', request: { command: 'mark_direct_read', with: 'erin', id }, value: id };
    },
  ],
  async (client) => {
    const { body: blocked } = await client.ok('list_blocked');
    const { body: self } = await client.ok('get_user bob');
    const [conversation] = listOf(await client.ok('list_conversations'), 'conversations');
    return new Map<string, unknown>([
      ['block', (blocked['users'] as readonly unknown[]).some((each) => JSON.stringify(each).includes('erin'))],
      ['status', self['status']],
      ['direct', conversation?.['read']],
    ]);
  },
);

/** The tokens of a user: their secrets by id, and the ids of those that were deleted. */
class Tokens {
  readonly #there = new Map<string, string>();
  readonly #deleted = new Set<string>();
  /** The one whose deletion is not answered. */
  #pending: string | undefined;

  async untilGone(client: Client): Promise<void> {
    try {
      for (;;) {
        const [id] = this.#there.keys();
        if (id === undefined || this.#there.size < 4 || random.once(2)) {
          const { body } = await client.ok('create_token');
          this.#there.set(String(body['token_id']), String(body['token']));
        } else {
          this.#pending = id;
          await client.ok({ command: 'delete_token', token_id: id });
          this.#there.delete(id);
          this.#deleted.add(id);
          this.#pending = undefined;
        }
      }
    } catch (error) {
      if ((error as Error).message !== 'the connection ended') throw error;
    }
  }

  async problems(port: number): Promise<readonly string[]> {
    const client = await (await Client.connect(port)).enter('erin');
    const ids = new Set(listOf(await client.ok('list_tokens'), 'tokens').map((each) => String(each['token_id'])));
    client.destroy();
    const problems = [...this.#deleted].filter((id) => ids.has(id)).map((id) => `token ${id} is back`);
    for (const [id, token] of this.#there) {
      const device = await Client.connect(port);
      const { code } = await device.request({ command: 'authenticate_token', token });
      device.destroy();
      if (code !== (ids.has(id) ? 1 : 4)) problems.push(`token ${id} is answered ${code}`);
      if (!ids.has(id) && id !== this.#pending) problems.push(`token ${id} is lost`);
      if (!ids.has(id)) this.#there.delete(id);
    }
    // One may have been made and not answered. So many must not gather.
    const others = [...ids].filter((id) => !this.#there.has(id));
    if (others.length > 1) problems.push(`${others.length} tokens were never answered`);
    const cleaner = await (await Client.connect(port)).enter('erin');
    for (const id of others) await cleaner.ok({ command: 'delete_token', token_id: id });
    cleaner.destroy();
    return problems;
  }
}

/** A room that keeps few messages: what was said there, and where what is kept begins. */
class Trimmed {
  readonly #said: string[] = [];
  #first = 1;
  readonly #kept = 40;

  /** Says many things at once, which are due at once: the daemon trims them as it starts. */
  async say(port: number): Promise<void> {
    const client = await (await Client.connect(port)).enter('frank', 'attic');
    await client.ok({ command: 'set_chatroom', room: 'attic', keep_messages: this.#kept });
    const say = { command: 'chatroom_message', username: 'frank', room: 'attic' };
    const texts = Array.from({ length: 400 }, (_, at) => `attic ${this.#said.length + at + 1}`);
    client.send(...texts.map((message) => ({ ...say, message })));
    for (const message of texts) {
      const { code, raw } = await client.reply();
      if (code !== 1) throw new Error(raw);
      this.#said.push(message);
    }
    client.destroy();
  }

  /** All behind the gap is there, nothing comes back, and nothing goes that is to be kept. */
  async problems(port: number): Promise<readonly string[]> {
    const client = await (await Client.connect(port)).enter('frank');
    await client.ok('list_blocked');
    const from = client.lines.length;
    await client.ok({ command: 'join_chatroom', username: 'frank', room: 'attic', after: 0 });
    const lines = client.lines.slice(from).filter(({ code }) => code === 110 || code === 111);
    client.destroy();
    const problems: string[] = [];
    let next = 1;
    for (const { code, body, raw } of lines) {
      if (code === 111) {
        if (body['after'] !== next - 1) problems.push(raw);
        next = Number(body['first']);
        continue;
      }
      if (body['id'] !== next || body['prev'] !== next - 1 || body['message'] !== this.#said[next - 1])
        problems.push(raw);
      next += 1;
    }
    const first = Number(lines.find(({ code }) => code === 110)?.body['id'] ?? next);
    if (next !== this.#said.length + 1) problems.push(`${this.#said.length} were answered, ${next - 1} are there`);
    if (first < this.#first) problems.push(`${first} is back`);
    if (first > Math.max(1, this.#said.length - this.#kept + 1)) problems.push(`${first} is the first one kept`);
    this.#first = first;
    return problems;
  }

  get trimmed(): number {
    return this.#first - 1;
  }
}

/** The files of the folder in which one of the texts stands. */
function filesWith(folder: string, one: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path).includes(one));
}

t.test('whatever was answered survives kill -9: roles, bans, members, settings, marks, blocks, tokens', async (t) => {
  const data = temporaryFolder(t);
  const [tokens, attic] = [new Tokens(), new Trimmed()];
  /** Users that were to be erased when the daemon was killed: none of what they wrote may be found for long. */
  let erased: { readonly name: string; readonly isAnswered: boolean } | undefined;
  for (let round = 1; round <= rounds + 1; round += 1) {
    if (round % 2 === 0) {
      // This daemon is killed while it trims, and erases what is left of an erasure.
      const brief = startDaemon(t, { data });
      await brief.port();
      await pause(random.below(80));
      await brief.stop('SIGKILL');
    }
    const daemon = startDaemon(t, { data });
    const port = await daemon.port();
    if (round === 1) {
      await ofOwner.client(port);
      const erin = await (await Client.connect(port)).enter('erin');
      await Promise.all(['carol', 'dave'].map(async (name) => (await Client.connect(port)).enter(name)));
      const alice = await ofOwner.client(port);
      for (const message of ['one', 'two', 'three']) await alice.say('alice', room, message);
      await ofUser.client(port);
      await erin.ok('direct_message bob hello');
    }
    for (const each of [ofOwner, ofUser, tokens, attic]) if (round > 1) t.same(await each.problems(port), []);
    if (erased !== undefined) {
      const { name, isAnswered } = erased;
      const login = { command: 'authenticate_user', username: name, password: `${name} password` };
      const { code } = await (await Client.connect(port)).request(login);
      t.ok(code === 4 || (code === 1 && !isAnswered), `${name} is answered ${code}`);
      // The rest of an erasure that had begun is done in the background.
      if (code === 4) while (filesWith(data, `secret of ${name}`).length > 0) await pause(20);
    }
    if (round > rounds) break;

    const name = `ghost${round}`;
    const ghost = await (await Client.connect(port)).enter(name, 'cellar');
    for (let said = 0; said < 20; said += 1) await ghost.say(name, 'cellar', `secret of ${name} ${said}`);
    await attic.say(port);
    const erin = await (await Client.connect(port)).enter('erin');
    const [owner, user] = [await ofOwner.client(port), await ofUser.client(port)];
    const working = [ofOwner.untilGone(owner), ofUser.untilGone(user), tokens.untilGone(erin)];
    let isAnswered = false;
    for (const enough = ofOwner.answers + 4; ofOwner.answers < enough; ) await pause(5);
    await pause(random.below(60));
    const erasing = ghost
      .ok({ command: 'delete_user', password: `${name} password`, erase: true })
      .then(() => (isAnswered = true))
      .catch(() => undefined);
    await pause(random.below(60));
    await daemon.stop('SIGKILL');
    await Promise.all([...working, erasing]);
    erased = { name, isAnswered };
  }
  t.ok(ofOwner.answers > rounds && ofUser.answers > rounds, `${ofOwner.answers} and ${ofUser.answers} changes`);
  t.comment(`${attic.trimmed} messages trimmed`);
});
