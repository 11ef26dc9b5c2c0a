// A session whose lines go into arrays and whose commands are answered when a test says so. Requests are written
// `KIND NUMBER`; the number is the request's ref, by which its reply is known.

import { Throttle } from '../../src/accounts/throttle.js';
import { Presence } from '../../src/chat/presence.js';
import { Member, type LeaveReason } from '../../src/chat/member.js';
import { Counters } from '../../src/metrics/counters.js';
import type { Answer } from '../../src/session/answer.js';
import { Session } from '../../src/session/session.js';
import { refusal } from '../../src/wire/refusal.js';
import type { AnyRequest } from '../../src/wire/request.js';
import { verbatim } from '../../src/wire/words.js';
import { newRoom } from '../support/room.js';

/**
 * Messages (`post` is stored, `known` answered late, `refused` at once) and other commands, by what becomes of them.
 */
export type Kind = 'post' | 'known' | 'refused' | 'now' | 'later' | 'afterwards' | 'quit' | 'bad';

const messages: readonly string[] = ['post', 'known', 'refused'] satisfies Kind[];
const alice = { id: 1, name: 'alice', key: 'alice' };

export class FakeSession {
  /** What was given to `send` and not taken yet. */
  readonly queued: string[] = [];
  /** What has reached its command, in that order. */
  readonly begun: string[] = [];
  /** `reply NUMBER` and `afterwards NUMBER`, in the order of their coming. */
  readonly output: string[] = [];
  /** `ROOM REASON` for each room that was left. */
  readonly left: string[] = [];
  readonly session: Session;
  readonly #posts: { readonly number: number; readonly member: Member | undefined }[] = [];
  readonly #late: (() => void)[] = [];

  constructor() {
    this.session = new Session(
      1,
      { address: '127.0.0.1', limitKey: '127.0.0.1', confidential: true, encrypted: false, exempt: true },
      { reply: (line) => this.#reply(String(line)), event: () => undefined, drained: () => Promise.resolve() },
      { proceed: () => this.#proceed(), evict: () => false, keepAlive: () => undefined },
      {
        counters: new Counters(),
        dispatch: (_session, request) => this.#carryOut(request),
        presence: new Presence(),
        refusals: new Throttle(1000, 60_000),
        // As chat/exits.ts does it: at once, or once the member's posts are answered.
        exits: {
          leaveAll: (members, reason) => {
            for (const member of members) member.takeOut(() => this.left.push(`${member.room.name} ${reason}`));
            return undefined;
          },
        },
      },
    );
  }

  /** The numbers of the requests that have been answered, in the order of their replies. */
  get replies(): number[] {
    return this.output.filter((line) => line.startsWith('reply')).map((line) => Number(line.split(' ')[1]));
  }

  /** Makes the session that of a user who is in these rooms. */
  enter(...rooms: readonly string[]): this {
    this.session.becomeUser(alice);
    const { members } = this.session.identity;
    for (const [id, name] of rooms.entries()) {
      const room = newRoom(name, id);
      room.enter(new Member(room, alice, this.session.output, members));
    }
    return this;
  }

  /** The session ends; its rooms are left at the end of the step. */
  async end(reason: LeaveReason): Promise<void> {
    this.session.end(reason);
    await Promise.resolve();
  }

  /** Requests arrive; they are taken as a connection takes them, as long as the session is ready. */
  send(...requests: readonly string[]): void {
    this.queued.push(...requests);
    this.#proceed();
  }

  /** The oldest posts are on disk: answered, and then settled, as a batch is. */
  settle(count: number): void {
    const settled = this.#posts.splice(0, count);
    for (const { number, member } of settled) {
      this.output.push(`reply ${number}`);
      if (member !== undefined) member.pending -= 1;
    }
    for (const { member } of settled) member?.settled();
    for (let count = settled.length; count > 0; count -= 1) this.session.settled();
  }

  /** How many posts are on their way. */
  get pending(): number {
    return this.#posts.length;
  }

  /** Whether a command runs that `resolve` would end. */
  get running(): boolean {
    return this.#late.length > 0;
  }

  /** Ends the command that runs. */
  async resolve(): Promise<void> {
    this.#late.shift()?.();
    // The promises between the command and the session's reply.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  #proceed(): void {
    while (this.session.ready) {
      const next = this.queued.shift();
      if (next === undefined) return;
      this.session.receive(this.#frame(next));
    }
  }

  #frame(request: string): Parameters<Session['receive']>[0] {
    const [kind = '', number = ''] = request.split(' ');
    const ref = Number(number);
    if (kind === 'bad') return refusal('malformed', verbatim('bad'), { ref });
    const message = { command: 'chatroom_message', username: 'alice', room: 'lobby', message: kind, ref };
    return JSON.stringify(messages.includes(kind) ? message : { command: 'ping', data: kind, ref });
  }

  #carryOut({ parameters, ref }: AnyRequest): Answer | Promise<Answer> {
    const kind = 'message' in parameters ? parameters.message : 'data' in parameters ? parameters.data : '';
    this.begun.push(`${String(kind)} ${ref}`);
    const answer: Answer = { results: {} };
    switch (kind as Kind) {
      case 'post':
        return this.#post(Number(ref));
      case 'known':
      case 'later':
        return new Promise((resolve) => this.#late.push(() => resolve(answer)));
      case 'refused':
        return refusal('rate_limited', verbatim('refused'), { retry_after: 1 });
      case 'afterwards':
        return { ...answer, afterwards: () => this.output.push(`afterwards ${ref}`) };
      case 'quit':
        this.session.quitting = true;
        return answer;
      default:
        return answer;
    }
  }

  #post(number: number): 'on commit' {
    const { state } = this.session;
    const member = state.kind === 'user' ? state.members.get('lobby') : undefined;
    if (member !== undefined) member.pending += 1;
    this.#posts.push({ number, member });
    return 'on commit';
  }

  #reply(line: string): void {
    this.output.push(`reply ${/"ref":(\d+)/.exec(line)?.[1] ?? line}`);
  }
}
