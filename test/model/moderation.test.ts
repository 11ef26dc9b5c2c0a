// A room whose warden gives roles, kicks and bans while its guests join, speak and read at once: no interleaving lets a
// banned or muted user's message through, or lets one who was put out read on (PROTOCOL.md §2.5, §4.4).
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';
import { Guarded, Guest } from './guarded.js';
import { seed } from './play.js';

const guests = ['bob', 'carol'] as const;
const sessionsOfEach = 2;

type Step =
  | { readonly kind: 'muted' | 'member' | 'moderator' | 'kick' | 'ban' | 'unban'; readonly user: number }
  | { readonly kind: 'moderate'; readonly on: boolean }
  | { readonly kind: 'announce' | 'settle' }
  | { readonly kind: 'join' | 'rejoin' | 'leave' | 'say' | 'history'; readonly guest: number }
  | { readonly kind: 'pause'; readonly turns: number };

const user = fc.nat({ max: guests.length - 1 });
const guest = fc.nat({ max: guests.length * sessionsOfEach - 1 });
const ofUser = fc.constantFrom('muted', 'member', 'moderator', 'kick', 'kick', 'ban', 'ban', 'unban', 'unban');
const ofGuest = fc.constantFrom('join', 'rejoin', 'leave', 'say', 'say', 'say', 'history');

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: ofUser, user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('moderate'), on: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('announce', 'settle') }) },
  { weight: 9, arbitrary: fc.record({ kind: ofGuest, guest }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('pause'), turns: fc.nat({ max: 6 }) }) },
);

/** The warden, its guests, and what it has asked for that is not answered yet. */
class Hall {
  readonly #room: Guarded;
  readonly #answers: Promise<void>[] = [];
  readonly #replies: ((code: number) => void)[] = [];
  #said = 0;
  #failure: Error | undefined;
  /** Set once the clients are to end. */
  isClosing = false;

  constructor(
    readonly warden: Client,
    readonly guests: readonly Guest[],
    room: Guarded,
  ) {
    this.#room = room;
    void this.#read(warden, ({ code }) => {
      if (code < 100) this.#replies.shift()?.(code);
    });
    for (const each of guests) void this.#read(each.client, (line) => each.take(line));
  }

  async #read(client: Client, take: Guest['take']): Promise<void> {
    try {
      for (;;) take(await client.next());
    } catch (error) {
      if (!this.isClosing) this.#failure ??= error as Error;
    }
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Sends a request of the warden's. `settled` runs with the code of its reply. */
  #ask(request: object, codes: readonly number[], settled: (code: number) => void = () => undefined): void {
    const answer = new Promise<number>((resolve) => this.#replies.push(resolve)).then((code) => {
      if (!codes.includes(code)) this.#failure ??= new Error(`${JSON.stringify(request)} is answered ${code}`);
      settled(code);
    });
    this.#answers.push(answer);
    this.warden.send(request);
  }

  /** Sends what the warden does to a user, and notes what holds once it is answered. */
  #act(name: string, kind: 'muted' | 'member' | 'moderator' | 'kick' | 'ban' | 'unban'): void {
    const standing = this.#room.standing(name);
    const about = { room: 'hall', user: name };
    const outBy = (): void => {
      for (const each of this.guests) if (each.user === name) each.removed();
    };
    if (kind === 'kick') this.#ask({ command: 'kick_user', ...about }, [1, 11], (code) => code === 1 && outBy());
    else if (kind === 'unban') {
      standing.isBanned = 'unknown';
      const number = this.#number(name);
      this.#ask({ command: 'unban_user', ...about }, [1, 11], () =>
        this.#ifNewest(name, number, () => (standing.isBanned = false)),
      );
    } else if (kind === 'ban') {
      standing.isBanned = 'unknown';
      const before = standing.role;
      standing.role = 'unknown';
      const number = this.#number(name);
      this.#ask({ command: 'ban_user', ...about }, [1], () => {
        this.#ifNewest(name, number, () => {
          standing.isBanned = true;
          outBy();
          if (before !== 'unknown') standing.role = before === 'muted' ? 'muted' : 'member';
        });
      });
    } else {
      standing.role = 'unknown';
      const number = this.#number(name);
      this.#ask({ command: 'set_role', ...about, role: kind }, kind === 'moderator' ? [1, 12] : [1], (code) => {
        this.#ifNewest(name, number, () => {
          // A banned user gets no rank: then it is not known here which role it has.
          if (code === 1) standing.role = kind;
        });
      });
    }
  }

  readonly #numbers = new Map<string, number>();

  #number(of: string): number {
    const number = (this.#numbers.get(of) ?? 0) + 1;
    this.#numbers.set(of, number);
    return number;
  }

  /** Runs where the warden has asked for nothing else of it since. */
  #ifNewest(of: string, number: number, run: () => void): void {
    if (this.#numbers.get(of) === number) run();
  }

  async play(steps: readonly Step[]): Promise<void> {
    for (const each of steps) {
      this.check();
      switch (each.kind) {
        case 'moderate': {
          this.#room.isModerated = 'unknown';
          const number = this.#number('');
          this.#ask({ command: 'set_chatroom', room: 'hall', moderated: each.on }, [1], () => {
            this.#ifNewest('', number, () => {
              this.#room.isModerated = each.on;
            });
          });
          break;
        }
        case 'announce': {
          const message = `warden ${(this.#said += 1)}`;
          this.#room.stored.add(message);
          this.#ask({ command: 'chatroom_message', username: 'warden', room: 'hall', message }, [1]);
          break;
        }
        case 'settle':
          await Promise.all(this.#answers.splice(0));
          break;
        case 'pause':
          for (let count = 0; count < each.turns; count += 1) await turn();
          break;
        case 'muted':
        case 'member':
        case 'moderator':
        case 'kick':
        case 'ban':
        case 'unban':
          this.#act(guests[each.user] ?? '', each.kind);
          break;
        default:
          this.#guestDoes(each);
      }
    }
    await Promise.all(this.#answers.splice(0));
    while (this.guests.some(({ asked }) => asked.length > 0)) {
      this.check();
      await turn();
    }
    this.check();
  }

  #guestDoes({ kind, guest: number }: Extract<Step, { readonly guest: number }>): void {
    const each = this.guests[number];
    if (each === undefined) return;
    if (kind === 'join') each.join(undefined);
    else if (kind === 'rejoin') each.join(0);
    else if (kind === 'leave') each.leave();
    else if (kind === 'history') each.history();
    else each.say(`text ${(this.#said += 1)}`);
  }
}

/** Plays one scenario in a room of its own, and compares in the end what is stored with what was answered. */
async function play(port: number, steps: readonly Step[]): Promise<void> {
  const room = new Guarded();
  const warden = await (await Client.connect(port)).enter('warden', 'hall');
  const sessions = await Promise.all(
    Array.from({ length: guests.length * sessionsOfEach }, async (_, at) => {
      const name = guests[at % guests.length] ?? '';
      return new Guest(name, await (await Client.connect(port)).enter(name), room);
    }),
  );
  const hall = new Hall(warden, sessions, room);
  try {
    await hall.play(steps);
  } finally {
    hall.isClosing = true;
    for (const { client } of sessions) client.destroy();
    warden.destroy();
    await Promise.all([warden, ...sessions.map(({ client }) => client)].map(({ closed }) => closed));
  }
  const reader = await (await Client.connect(port)).enter('warden');
  await reader.ok({ command: 'join_chatroom', username: 'warden', room: 'hall', after: 0 });
  const stored = reader.lines.filter(({ code }) => code === 110).map(({ body }) => String(body['message']));
  assert.deepEqual(new Set(stored), room.stored, 'what is stored is what was answered 1');
  assert.equal(stored.length, room.stored.size, 'nothing is stored twice');
  // The room is deleted and made again, so that the next scenario begins with an empty one.
  reader.send({ command: 'delete_chatroom', room: 'hall' });
  assert.equal((await reader.reply()).code, 1);
  reader.destroy();
  await reader.closed;
}

t.test('nobody who is silenced is heard, and nobody who was put out reads on', async (t: Test) => {
  const port = await hostDaemon(t).port();
  await (await Client.connect(port)).enter('warden', 'hall');
  t.comment(`SALOND_TEST_SEED=${seed}`);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => play(port, steps)),
    { numRuns: Number(process.env['SALOND_TEST_RUNS'] ?? 15), seed, endOnFailure: true },
  );
});
