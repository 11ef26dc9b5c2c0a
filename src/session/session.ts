// Who a connection's other end is and where: the session. It takes one frame after another, lets it through the gates to
// its command, and keeps the replies in the order of the requests. Messages pipeline: many may be on their way to disk.
// Every other request waits until all before it are answered, so at most one waits and no queue of replies is needed.
import type { Evictable, Eviction } from '../chat/eviction.js';
import type { ChatUser, LeaveReason, Member, Recipient } from '../chat/room.js';
import type { Speaker } from '../chat/post.js';
import type { Counters } from '../metrics/counters.js';
import { encodeList, encodeRefusal, encodeSuccess, type List } from '../wire/encode.js';
import { code } from '../wire/generated/codes.js';
import type { Refusal } from '../wire/refusal.js';
import { isRequest, parseRequest, type AnyRequest, type Request } from '../wire/request.js';

/** Posts of one session on their way to disk: beyond it, reading pauses. */
const maxPending = 4096;

/** Who is at the other end of the connection, as far as the network tells. */
export interface Peer {
  readonly address: string;
  /** What the address's limits are counted by. */
  readonly limitKey: string;
  /** Passwords on the connection are seen by nobody else: it is encrypted, or comes from this machine (code 17). */
  readonly confidential: boolean;
  readonly encrypted: boolean;
  /** No per-address limit counts it. */
  readonly exempt: boolean;
}

/** Where the session's lines go, and whether they have gone. */
export interface Output extends Recipient {
  /** Fulfils when all that was handed over is with the network, or the connection is gone. */
  drained(): Promise<void>;
}

/** What the session asks of its connection. */
export interface Line {
  /** To go on when `ready` or `idle` may have become true again. */
  proceed(): void;
  /** To put the client out: `end` the session, say 199 and close. False where the connection is closing already. */
  evict(eviction: Eviction): boolean;
}

/** What the session asks of the house that it is in. */
export interface House {
  /** Counts the replies. */
  readonly counters: Pick<Counters, 'reply'>;
  /** Takes the member out of its room. */
  leave(member: Member, reason: LeaveReason): void;
  /** The session is a user's from here on, by the user's key, and no more. */
  loggedIn(key: string, session: Evictable): void;
  loggedOut(key: string, session: Evictable): void;
  /** The session of the user of that key has ended, and its client may still read the last lines; and it may no more. */
  lingers(key: string, session: Evictable): void;
  gone(key: string, session: Evictable): void;
}

/** A user and the rooms it is in by this session, by their keys. */
export interface Identity {
  readonly kind: 'user';
  readonly user: ChatUser;
  readonly members: Map<string, Member>;
}

export type State = { readonly kind: 'guest' } | Identity;

/** A reply that says yes: its members, a list that may be cut to the line's limit, and what has to come after the reply. */
export interface Success {
  readonly results: object;
  readonly list?: List;
  readonly afterwards?: () => void;
}

/** What a command answers; `on commit`: the reply comes with the batch (chat/delivery.ts). */
export type Answer = Success | Refusal | 'on commit';

/** Gates and command of a request: everything between its parsing and its answer. */
export type Dispatch = (session: Session, request: Request) => Answer | Promise<Answer>;

export class Session implements Speaker, Evictable {
  state: State = { kind: 'guest' };
  /** Set by quit: nothing after its reply is read. */
  quitting = false;
  /** Milliseconds of the monotonic clock. */
  readonly since = performance.now();
  #gone = false;
  /** The key of the user whose session this was when it ended. */
  #lingersAs: string | undefined;
  #pending = 0;
  #running = false;
  /** The request that waits until the posts before it are answered, or the reply that does. */
  #next: { readonly request: Request | Refusal } | { readonly reply: string } | undefined;

  /** @param id names the session in the log */
  constructor(
    readonly id: number,
    readonly peer: Peer,
    readonly output: Output,
    readonly dispatch: Dispatch,
    readonly house: House,
    readonly line: Line,
  ) {}

  /** Whether the next frame may come. */
  get ready(): boolean {
    return this.#next === undefined && !this.#running && !this.quitting && !this.#gone && this.#pending < maxPending;
  }

  /** Whether all that was received is answered, or will never be. */
  get idle(): boolean {
    return this.#pending === 0 && (this.#gone || (this.#next === undefined && !this.#running));
  }

  get authenticated(): boolean {
    return this.state.kind === 'user';
  }

  /** Whether the session has ended: what is under way must change nothing more, and nobody hears of it. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Who the session is. Throws for a guest: only commands that the gates keep guests from may ask. */
  get identity(): Identity {
    if (this.state.kind === 'guest') throw new Error('a guest came through the gates');
    return this.state;
  }

  /** Takes no frame until `work` is done, which may say who the session is. `work` must not reject. */
  hold(work: Promise<void>): void {
    this.#running = true;
    void work.then(() => {
      this.#running = false;
      this.#goOn();
    });
  }

  /** Takes a line's text, or the refusal of a line that never became text. Only while `ready`. */
  receive(frame: string | Refusal): void {
    const request = typeof frame === 'string' ? parseRequest(frame) : frame;
    if (this.#pending > 0 && !(isRequest(request) && request.spec.pipelined === true)) this.#next = { request };
    else this.#answer(request);
  }

  /** Puts the session out (chat/eviction.ts), or ends its connection sooner where the session has ended. */
  evict(eviction: Eviction): boolean {
    return this.line.evict(eviction);
  }

  /**
   * The session ends, at once: it takes no request, what runs or waits is not answered, and it leaves its rooms. Only
   * posts that the store has already are still answered, and the session is in their rooms until then, since they come
   * before its leaving (§4.2).
   *
   * The rooms are left at the end of this step: where many end together, none of them is told of the others one by
   * one.
   */
  end(reason: LeaveReason): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#next !== undefined && 'request' in this.#next) this.#next = undefined;
    if (this.state.kind === 'user') {
      this.#lingersAs = this.state.user.key;
      this.house.lingers(this.#lingersAs, this);
    }
    queueMicrotask(() => this.becomeGuest(reason));
  }

  closed(): void {
    if (this.#lingersAs !== undefined) this.house.gone(this.#lingersAs, this);
  }

  /** The session is the user's from here on. False where it has ended meanwhile, or has a user already. */
  becomeUser(user: ChatUser): boolean {
    if (this.#gone || this.state.kind === 'user') return false;
    this.state = { kind: 'user', user, members: new Map() };
    this.house.loggedIn(user.key, this);
    return true;
  }

  /** Leaves all rooms and has no user any more. */
  becomeGuest(reason: LeaveReason): void {
    if (this.state.kind === 'guest') return;
    const { user, members } = this.state;
    this.state = { kind: 'guest' };
    this.house.loggedOut(user.key, this);
    for (const member of [...members.values()]) this.house.leave(member, reason);
  }

  settled(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#goOn();
    else if (this.#pending === maxPending - 1) this.line.proceed();
  }

  /** All posts are answered: what waited for that takes its turn. */
  #goOn(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && 'reply' in next) this.output.reply(next.reply);
    else if (next !== undefined) this.#answer(next.request);
    this.line.proceed();
  }

  #answer(request: Request | Refusal): void {
    if (!isRequest(request)) {
      this.house.counters.reply(request.command ?? '', request.code);
      this.output.reply(encodeRefusal(request));
      return;
    }
    const answer = this.dispatch(this, request);
    if (answer instanceof Promise) {
      this.#running = true;
      void answer.then((late) => {
        this.#running = false;
        if (this.#gone) return;
        this.#reply(request, late);
        if (this.#pending === 0) this.#goOn();
      });
    } else {
      this.#reply(request, answer);
    }
  }

  /** A reply never overtakes those of the posts before it. */
  #reply(request: Request, answer: Answer): void {
    if (answer === 'on commit') {
      this.#pending += 1;
      return;
    }
    this.house.counters.reply(request.command, 'code' in answer ? answer.code : code.ok);
    const reply = encodeAnswer(request, answer);
    if (this.#pending > 0) {
      this.#next = { reply };
      return;
    }
    this.output.reply(reply);
    if ('afterwards' in answer) answer.afterwards?.();
  }
}

/** The reply line of a request that was carried out, or refused. */
export function encodeAnswer({ command, ref }: AnyRequest, answer: Success | Refusal): string {
  if ('code' in answer) return encodeRefusal({ ...answer, command, ref });
  if (answer.list === undefined) return encodeSuccess(command, ref, answer.results);
  return encodeList(command, ref, answer.results, answer.list);
}
