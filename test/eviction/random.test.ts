// Any course of joins, messages, replays and histories of several sessions, with evictions in between, while the store
// lets commits and pages pass whenever it likes, or fails. What each client reads is held to the rules, line by line,
// and in the end nobody who was put out is left.
import fc from 'fast-check';
import t from 'tap';
import type { Client, Line } from '../support/client.js';
import { pause, startServer, type Gate, type TestServer } from './test-server.js';
import { verbatim } from '../../src/wire/words.js';

t.setTimeout(300_000);

const users = ['u0', 'u0', 'u1', 'u1', 'u2'] as const;
const rooms = ['r0', 'r1'] as const;

type Step =
  | {
      readonly do: 'say' | 'join' | 'replay' | 'leave' | 'history' | 'list' | 'ping';
      readonly client: number;
      readonly room: number;
      readonly times: number;
    }
  | { readonly do: 'hold' | 'release' | 'step'; readonly gate: Exclude<Gate, 'user'> }
  | { readonly do: 'kick user' | 'kick session' | 'put out'; readonly client: number; readonly room: number }
  | { readonly do: 'wait' | 'fail' | 'recover' };

const client = fc.nat(users.length - 1);
const room = fc.nat(rooms.length - 1);
const gate = fc.constantFrom<Exclude<Gate, 'user'>[]>('commit', 'page');
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom('say', 'say', 'say', 'join', 'replay', 'leave', 'history', 'list', 'ping'),
      client,
      room,
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('hold', 'release', 'step'), gate }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('kick user', 'kick session', 'put out', 'put out'), client, room }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('wait', 'wait', 'wait', 'fail', 'recover') }) },
);

interface Asked {
  readonly kind: string;
  readonly room: string;
}

/** A client, what it has asked, by the number that is the request's ref, and whether it was put out. */
class Actor {
  readonly asked: Asked[] = [];
  evictedAt: number | undefined;
  closedAt = Infinity;

  constructor(
    readonly client: Client,
    readonly username: string,
    readonly number: number,
  ) {
    void client.closed.then(() => {
      this.closedAt = performance.now();
    });
  }

  ask(kind: string, where: string): void {
    const [ref, { username }] = [this.asked.length, this];
    this.asked.push({ kind, room: where });
    const common = { ref, username, room: where };
    const requests: Readonly<Record<string, object>> = {
      say: {
        command: 'chatroom_message',
        message: `${this.number}/${ref}`,
        ...(ref % 3 === 0 ? { key: `${this.number}/${ref}` } : {}),
      },
      join: { command: 'join_chatroom' },
      replay: { command: 'join_chatroom', after: 0 },
      leave: { command: 'leave_chatroom' },
      history: { command: 'chatroom_history', limit: 1000 },
      list: { command: 'list_users' },
      ping: { command: 'ping' },
    };
    this.client.send({ ...common, ...requests[kind] });
  }

  /** Holds what was read to the rules. Answers the refs of the messages that were answered 1. */
  check(): readonly number[] {
    const lines = this.client.lines.slice(
      this.client.lines.findIndex(({ body }) => body['command'] === 'authenticate_user') + 1,
    );
    const fail = (line: Line, why: string): never => {
      throw new Error(
        `client ${this.number} (${this.username}): ${why} at ${line.raw}, in\n${lines.map(({ raw }) => raw).join('\n')}`,
      );
    };
    const joined = new Map<string, { last: number; readonly present: Set<unknown> }>();
    const stored: number[] = [];
    let next = 0;
    for (const [at, line] of lines.entries()) {
      const { code, body } = line;
      const where = String(body['room']);
      const view = joined.get(where);
      if (code === 199) {
        if (at !== lines.length - 1) fail(line, 'something comes after the 199');
      } else if (code === 110) {
        const { kind = '' } = this.asked[Number(body['ref'])] ?? {};
        if (Number(body['ref']) !== next) fail(line, 'a 110 of a request whose turn it is not');
        if ((kind === 'history') !== (view !== undefined))
          fail(line, 'a 110 of a room that it is not in, or is in already');
      } else if (code > 100) {
        if (view === undefined) return fail(line, 'an event of a room that it is not in');
        if (code === 106) joined.delete(where);
        else if (code === 101 && view.present.has(body['username'])) fail(line, 'somebody comes who is there');
        else if (code === 101) view.present.add(body['username']);
        else if (code === 102 && !view.present.delete(body['username'])) fail(line, 'somebody leaves who is not there');
      } else if (code === 100) {
        if (view === undefined) return fail(line, 'a message of a room that it is not in');
        if (body['prev'] !== view.last) fail(line, `the newest was ${view.last}`);
        if (!view.present.has(body['username'])) fail(line, 'somebody speaks who is not there');
        view.last = Number(body['id']);
      } else {
        if (body['ref'] !== next) fail(line, `the reply to ${next} was expected`);
        const { kind, room: asked } = this.asked[next] ?? { kind: '', room: '' };
        next += 1;
        const place = joined.get(asked);
        if (code !== 1) continue;
        if (kind === 'say') {
          if (place === undefined || body['prev'] !== place.last)
            return fail(line, 'a success in a room that it is not in, or out of order');
          place.last = Number(body['id']);
          stored.push(next - 1);
        } else if ((kind === 'join' || kind === 'replay') && place === undefined) {
          joined.set(asked, { last: Number(body['last']), present: new Set(body['users'] as readonly unknown[]) });
        } else if (kind === 'leave' && !joined.delete(asked)) {
          fail(line, 'it leaves where it is not');
        } else if ((kind === 'history' || kind === 'list') && place === undefined) {
          fail(line, 'a success in a room that it is not in');
        }
      }
    }
    const [end, last] = [this.evictedAt !== undefined, lines.at(-1)];
    if (end !== (last?.code === 199) || (end && last?.body['reason'] !== 'enough'))
      throw new Error(`client ${this.number}: it was ${end ? '' : 'not '}put out, and read ${last?.raw ?? 'nothing'}`);
    if (!end && next !== this.asked.length)
      throw new Error(`client ${this.number}: ${next} of ${this.asked.length} are answered`);
    return stored;
  }
}

async function act(one: Step, server: TestServer, actors: readonly Actor[]): Promise<void> {
  const { store, evictions, services } = server;
  if ('times' in one) {
    for (let each = 0; each < one.times; each += 1) actors[one.client]?.ask(one.do, rooms[one.room] ?? '');
  } else if ('gate' in one) {
    if (one.do === 'hold') store.hold(one.gate);
    else if (one.do === 'release') store.release(one.gate);
    else store.step(one.gate);
  } else if ('client' in one) {
    const [actor, key] = [actors[one.client], rooms[one.room] ?? ''];
    const here = services.rooms.get(key);
    if (actor === undefined) return;
    if (one.do === 'put out') {
      if (here !== undefined)
        await evictions.room(here, ({ user }) => user.name === actor.username, {
          by: 'x',
          reason: verbatim('enough'),
          because: 'kicked',
        });
      return;
    }
    const those = one.do === 'kick user' ? actors.filter(({ username }) => username === actor.username) : [actor];
    const there = those.filter(({ evictedAt }) => evictedAt === undefined);
    const eviction = { reason: verbatim('enough'), because: 'kicked' } as const;
    const ended =
      one.do === 'kick user'
        ? (await evictions.user(actor.username, eviction)).sessions
        : Number(evictions.session(actor.number, eviction));
    if (ended !== there.length) throw new Error(`${ended} were ended of ${there.length}`);
    for (const each of there) each.evictedAt = performance.now();
  } else if (one.do === 'wait') {
    await pause(4);
  } else {
    store.fails = one.do === 'fail';
  }
}

/** Everything that is in the rooms in the end, by who said it: `CLIENT/REF`. */
async function histories(server: TestServer): Promise<ReadonlySet<unknown>> {
  const witness = await server.enter('witness');
  const texts = new Set<unknown>();
  for (const name of rooms) {
    await witness.ok({ command: 'join_chatroom', username: 'witness', room: name });
    await witness.ok({ command: 'chatroom_history', room: name, after: 0, limit: 1000 });
  }
  for (const { code, body } of witness.lines) if (code === 110) texts.add(body['message']);
  return texts;
}

async function run(steps: readonly Step[]): Promise<void> {
  const ends: (() => unknown)[] = [];
  const server = await startServer({ teardown: (end) => ends.push(end) });
  try {
    const actors: Actor[] = [];
    for (const username of users) actors.push(new Actor(await server.enter(username), username, actors.length + 1));
    let delivered = server.counters.lines;
    for (const one of steps) {
      await act(one, server, actors);
      if (server.counters.lines < delivered) throw new Error('delivered went back');
      delivered = server.counters.lines;
    }
    server.store.fails = false;
    for (const gate of ['commit', 'page'] as const) server.store.release(gate);
    const alive = actors.filter(({ evictedAt }) => evictedAt === undefined);
    for (const actor of alive) actor.ask('ping', '');
    await server.until(
      () =>
        actors.every(({ client: { lines }, asked, evictedAt, closedAt }) =>
          evictedAt === undefined
            ? lines.some(({ code, body }) => code < 100 && body['ref'] === asked.length - 1)
            : closedAt < Infinity,
        ),
      'all is answered',
    );
    await server.until(
      () => [...server.presence.sessions()].length === alive.length,
      'those who were put out are gone',
    );
    const said = await histories(server);
    for (const actor of actors) {
      const stored = new Set(actor.check());
      for (const [ref, { kind }] of actor.asked.entries()) {
        if (kind !== 'say') continue;
        const isStored = said.has(`${actor.number}/${ref}`);
        if (stored.has(ref) && !isStored) throw new Error(`${actor.number}/${ref} was answered and is not stored`);
        // Whoever was waited for too long is not told.
        const inTime = actor.evictedAt === undefined || actor.closedAt - actor.evictedAt < 1900;
        if (isStored && !stored.has(ref) && inTime)
          throw new Error(`${actor.number}/${ref} is stored and was not answered`);
      }
    }
    for (const username of new Set(users)) {
      const count = alive.filter((actor) => actor.username === username).length;
      if (server.presence.countOf(username) !== count)
        throw new Error(`${username} has ${server.presence.countOf(username)} sessions, not ${count}`);
    }
    for (const name of rooms) {
      const here = server.services.rooms.get(name);
      if (here !== undefined && here.entering.size > 0) throw new Error('somebody is entering for ever');
      for (const { out, pending } of here?.members ?? [])
        if (out || pending > 0) throw new Error('somebody is leaving for ever');
    }
  } finally {
    for (const end of ends) await end();
  }
}

t.test('in any course of events every client reads what the rules allow, and an evicted client is gone', async (t) => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), run), {
    numRuns: Number(process.env['SALOND_TEST_RUNS'] ?? 30),
    endOnFailure: true,
  });
  t.pass('they do');
});
