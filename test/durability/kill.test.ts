// Kills the daemon under load again and again on the same data (PROTOCOL.md §5.1, §5.3). Every message that was
// answered 1 or shown to anyone is stored unchanged, ids have no gaps, and a message that is sent again with its key is
// stored once. This holds for both durabilities, because kill -9 does not lose what was written; only a power loss
// loses what was not synced. `npm run test:slow` kills more often.
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { Client, type Line } from '../support/client.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { testSeed } from '../support/seed.js';
import { Random } from '../fuzz/random.js';

const rounds = Number(process.env['KILLS'] ?? 3);
const rooms = ['lobby', 'den'] as const;
/** The users who post. bob has two sessions. */
const speakers = ['alice', 'bob', 'bob', 'carol'] as const;

interface Message {
  readonly username: string;
  readonly room: string;
  readonly message: string;
  readonly key?: string;
}

interface Seen {
  readonly username: string;
  readonly message: string;
}

const random = new Random(testSeed(t));
const below = (limit: number): number => random.below(limit);
/** What the clients of all rounds have seen, and the problems that were found. */
class Witness {
  readonly #seen = new Map(rooms.map((room) => [room as string, new Map<number, Seen>()]));
  /** The messages that were read back, by room. A message's id is its place, counted from 1. */
  readonly log = new Map(rooms.map((room) => [room as string, [] as Seen[]]));
  /** Keyed messages whose answer did not come. */
  unanswered: Message[] = [];
  readonly keyed: Message[] = [];
  readonly problems: string[] = [];
  answers = 0;
  #texts = 0;

  newMessage(username: string): Message {
    const count = ++this.#texts;
    const text = `${username} says ${count}${' and more'.repeat(below(30))}`;
    const message = { username, room: rooms[below(rooms.length)] ?? '', message: text };
    if (below(2) === 0) return message;
    const keyed = { ...message, key: `k${count}` };
    this.keyed.push(keyed);
    return keyed;
  }

  see(room: string, id: number, { username, message }: Seen): void {
    const before = this.#seen.get(room)?.get(id);
    if (before !== undefined && (before.username !== username || before.message !== message)) {
      this.problems.push(`${room} ${id} was "${before.message}" and is "${message}"`);
    }
    this.#seen.get(room)?.set(id, { username, message });
  }

  /** Adds the lines that a session received, and the messages that it had sent, both in order. */
  takeSession(lines: readonly Line[], sent: readonly Message[]): void {
    const waiting = [...sent];
    const newest = new Map<string, number>();
    for (const { code, body, raw } of lines) {
      const { room, id, prev } = body as { room: string; id: number; prev: number };
      let seen: Seen | undefined;
      if (code === 100) {
        seen = body as unknown as Seen;
      } else if (body['command'] === 'chatroom_message') {
        seen = waiting.shift();
        this.answers += 1;
        if (code !== 1) this.problems.push(raw);
      }
      if (seen === undefined) continue;
      this.see(room, id, seen);
      if (prev !== id - 1) this.problems.push(`${raw} follows something else`);
      if (body['duplicate'] === true) continue;
      if (id <= (newest.get(room) ?? 0)) this.problems.push(`${raw} came after ${newest.get(room)}`);
      newest.set(room, id);
    }
    this.unanswered.push(...waiting.filter(({ key }) => key !== undefined));
  }

  /** Adds the replay of a room's newer messages to its log. */
  takeReplay(room: string, lines: readonly Line[]): void {
    const log = this.log.get(room) ?? [];
    for (const { body, raw } of lines) {
      const { id, prev, username, message } = body as unknown as Seen & { id: number; prev: number };
      if (id !== log.length + 1 || prev !== log.length) this.problems.push(`${raw} after ${log.length}`);
      log.push({ username, message });
    }
  }

  /** Checks that every message that was seen is in the log unchanged. */
  compare(): void {
    for (const [room, seen] of this.#seen) {
      const log = this.log.get(room) ?? [];
      for (const [id, { username, message }] of seen) {
        const stored = log[id - 1];
        if (stored?.username !== username || stored.message !== message) {
          this.problems.push(`${room} ${id} "${message}" was seen, and "${stored?.message}" is there`);
        }
      }
      seen.clear();
    }
  }
}

/** Reads the new messages of the rooms, and compares them with what was seen. */
async function audit(daemon: Daemon, witness: Witness): Promise<void> {
  const client = await (await Client.connect(await daemon.port())).enter('auditor');
  for (const [room, log] of witness.log) {
    const from = client.lines.length;
    const { body } = await client.ok({ command: 'join_chatroom', username: 'auditor', room, after: log.length });
    witness.takeReplay(
      room,
      client.lines.slice(from).filter(({ code }) => code === 110),
    );
    if (body['last'] !== log.length)
      witness.problems.push(`${room} is ${log.length} long, and last is ${String(body['last'])}`);
  }
  client.destroy();
  witness.compare();
}

/**
 * Sends `again`. If `endless`, then sends bursts of new messages, each before the last is answered, and calls
 * `answered` for each reply.
 */
async function speak(
  port: number,
  username: string,
  witness: Witness,
  again: readonly Message[],
  endless: boolean,
  answered: () => void = () => undefined,
): Promise<void> {
  const sent: Message[] = [];
  const client = await Client.connect(port);
  const send = (messages: readonly Message[]): void => {
    sent.push(...messages);
    client.send(...messages.map((message) => ({ command: 'chatroom_message', ...message })));
  };
  try {
    await client.enter(username, ...rooms);
    send(again);
    let replies = again.length;
    while (endless) {
      const burst = Array.from({ length: 1 + below(40) }, () => witness.newMessage(username));
      send(burst);
      for (; replies > 0; replies -= 1) await client.reply().then(answered);
      replies = burst.length;
    }
    for (; replies > 0; replies -= 1) await client.reply();
    client.destroy();
  } catch {
    // The daemon was killed.
  }
  await client.closed;
  witness.takeSession(client.lines, sent);
  // The session ended before it sent anything, so `again` is still unanswered.
  if (sent.length === 0) witness.unanswered.push(...again);
}

/** Audits the daemon, lets everybody post, and kills the daemon meanwhile. */
async function killUnderLoad(daemon: Daemon, witness: Witness): Promise<void> {
  await audit(daemon, witness);
  const port = await daemon.port();
  const again = witness.unanswered;
  witness.unanswered = [];
  let answered = (): void => undefined;
  const first = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const speaking = speakers.map((username, session) => {
    const own = again.filter((message) => message.username === username);
    return speak(port, username, witness, speakers.indexOf(username) === session ? own : [], true, answered);
  });
  await Promise.race([first, Promise.all(speaking)]);
  await pause(below(150));
  await daemon.stop('SIGKILL');
  await Promise.all(speaking);
}

t.test(
  'messages that were answered or shown survive kill -9, and messages that are sent again are stored once',
  async (t) => {
    const data = temporaryFolder(t);
    const witness = new Witness();
    const start = (): Daemon => startDaemon(t, { data });
    for (let round = 1; round <= rounds; round += 1) {
      if (round % 3 === 0) {
        // This daemon is killed before it is ready, possibly while it recovers the log.
        const brief = start();
        await pause(60 + below(200));
        await brief.stop('SIGKILL');
      }
      await killUnderLoad(start(), witness);
      if (witness.problems.length > 0) break;
    }
    t.same(witness.problems.slice(0, 5), []);
    t.ok(witness.answers > rounds, `${witness.answers} messages were answered`);

    const daemon = start();
    await audit(daemon, witness);
    const again = witness.unanswered;
    witness.unanswered = [];
    for (const username of new Set(speakers)) {
      await speak(
        await daemon.port(),
        username,
        witness,
        again.filter((message) => message.username === username),
        false,
      );
    }
    await audit(daemon, witness);
    const auditor = new Witness();
    await audit(daemon, auditor);
    t.same([...witness.problems, ...auditor.problems].slice(0, 5), []);
    t.same(witness.unanswered, []);
    t.same(auditor.log, witness.log, 'the log is the same as it was read round by round');

    const times = new Map<string, number>();
    for (const [room, log] of auditor.log) {
      for (const { message } of log) times.set(`${room} ${message}`, (times.get(`${room} ${message}`) ?? 0) + 1);
    }
    t.same(
      [...times].filter(([, count]) => count !== 1),
      [],
      'no message is stored twice',
    );
    t.same(
      witness.keyed.filter(({ room, message }) => times.get(`${room} ${message}`) !== 1),
      [],
      'every message with a key is stored',
    );
    t.comment(`${times.size} messages, ${witness.answers} answers`);
  },
);

t.test('messages that a relaxed daemon answered or showed survive kill -9', async (t) => {
  const data = temporaryFolder(t);
  const witness = new Witness();
  const start = (): Daemon => startDaemon(t, { data, env: { SALOND_DURABILITY: 'relaxed' } });
  for (let round = 1; round <= 2 && witness.problems.length === 0; round += 1) await killUnderLoad(start(), witness);
  await audit(start(), witness);
  t.same(witness.problems.slice(0, 5), []);
  t.ok(witness.answers > 2, `${witness.answers} messages were answered`);
});

/** A place for messages: how they are sent and deleted there, and how all of them are read. */
interface Place {
  readonly post: object;
  readonly remove: object;
  readonly read: object;
}

const places: readonly Place[] = [
  {
    post: { command: 'chatroom_message', username: 'alice', room: 'lobby' },
    remove: { command: 'delete_message', room: 'lobby' },
    read: { command: 'join_chatroom', username: 'alice', room: 'lobby', after: 0 },
  },
  {
    post: { command: 'direct_message', to: 'bob' },
    remove: { command: 'delete_direct_message', with: 'bob' },
    read: { command: 'direct_history', with: 'bob', after: 0, limit: 1000 },
  },
];

/** What was answered about the messages of a place, by their ids. */
class Answered {
  readonly said = new Map<number, string>();
  readonly deleted = new Set<number>();
  #texts = 0;

  constructor(readonly place: Place) {}

  /** Says, edits and deletes until the daemon is gone. `begun` is called at the third answer. */
  async untilGone(port: number, begun: () => void): Promise<void> {
    const { post, remove } = this.place;
    try {
      const client = await (await Client.connect(port)).enter('alice', 'lobby');
      for (let answers = 1; ; answers += 1) {
        const ids = [...this.said.keys()];
        const target = ids[ids.length - 1 - below(Math.min(ids.length, 12))];
        const text = `text ${++this.#texts}`;
        const what = target === undefined ? 0 : below(5);
        if (what === 4) {
          const { code } = await client.request({ ...remove, id: target });
          if (code === 1 && target !== undefined) this.deleted.add(target);
        } else {
          const marks = what < 2 ? {} : { kind: what === 2 ? 'edit' : 'reply', re: target };
          const { code, body } = await client.request({ ...post, message: text, ...marks });
          if (code === 1) this.said.set(Number(body['id']), text);
        }
        if (answers === 3) begun();
      }
    } catch {
      // The daemon was killed.
    }
    begun();
  }

  /** What is wrong with the messages that the daemon has. */
  async problems(port: number): Promise<readonly string[]> {
    await (await (await Client.connect(port)).enter('bob')).ok('ping');
    const client = await (await Client.connect(port)).enter('alice');
    await client.ok(this.place.read);
    const lines = client.lines.filter(({ code }) => code === 110 || code === 112).map(({ body }) => body);
    client.destroy();
    const problems = lines.flatMap((body, at) => (body['id'] === at + 1 && body['prev'] === at ? [] : [`${at}`]));
    const isDeleted = (id: unknown): boolean => lines[Number(id) - 1]?.['deleted'] === true;
    for (const [at, { id, kind, re, message, edited, deleted }] of lines.entries()) {
      const newest = lines.findLast((each) => each['kind'] === 'edit' && each['re'] === id && each['deleted'] !== true);
      if (edited !== newest?.['id']) problems.push(`${at + 1} is edited by ${String(edited)}`);
      if (kind === 'edit' && isDeleted(re) && deleted !== true) problems.push(`${at + 1} outlives what it edits`);
      const said = this.said.get(at + 1);
      if (message !== undefined && said !== undefined && message !== said) problems.push(`${at + 1} was ${said}`);
    }
    for (const id of this.said.keys()) if (lines[id - 1] === undefined) problems.push(`${id} is lost`);
    for (const id of this.deleted) if (!isDeleted(id)) problems.push(`${id} is back`);
    return problems;
  }
}

t.test(
  'edits and deletions that were answered survive kill -9, in rooms and privately, and no half of one does',
  async (t) => {
    const data = temporaryFolder(t);
    const all = places.map((place) => new Answered(place));
    const check = async (daemon: Daemon): Promise<void> => {
      for (const answered of all) t.same(await answered.problems(await daemon.port()), []);
    };
    for (let round = 1; round <= Math.ceil(rounds / 2); round += 1) {
      // The start checks the whole of so small a database, and refuses edits that are not as their table says.
      const daemon = startDaemon(t, { data });
      await check(daemon);
      const port = await daemon.port();
      const speaking: Promise<void>[] = [];
      await Promise.all(
        all.map(
          (answered) =>
            new Promise<void>((resolve) => {
              speaking.push(answered.untilGone(port, resolve));
            }),
        ),
      );
      await pause(below(150));
      await daemon.stop('SIGKILL');
      await Promise.all(speaking);
    }
    await check(startDaemon(t, { data }));
    for (const { said, deleted } of all) {
      t.ok(said.size > rounds, `${said.size} messages, ${deleted.size} deletions`);
    }
  },
);
