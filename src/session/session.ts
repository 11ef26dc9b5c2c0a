// Who a connection's other end is and where: the session. It takes one frame after another, lets it through the gates to
// its command, and keeps the replies in the order of the requests. Messages pipeline: many may be on their way to disk.
// Every other request waits until all before it are answered, so at most one waits and no queue of replies is needed.
import type { ChatUser, LeaveReason, Member, Recipient } from '../chat/room.js';
import type { Speaker } from '../chat/post.js';
import { tally } from '../chat/tally.js';
import { encodeList, encodeRefusal, encodeSuccess, type List } from '../wire/encode.js';
import { code } from '../wire/protocol.js';
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
  /** To answer what has come, say 199 with the reason, and close; `retryAfter` in milliseconds where coming back makes sense. */
  finish(reason: string, retryAfter: number | undefined, because: Exclude<LeaveReason, 'left'>): void;
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

export class Session implements Speaker {
  state: State = { kind: 'guest' };
  /** Set by quit: nothing after its reply is read. */
  quitting = false;
  /** Milliseconds of the monotonic clock. */
  readonly since = performance.now();
  #gone = false;
  #goneBecause: LeaveReason = 'disconnected';
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
    readonly leaveRoom: (member: Member, reason: LeaveReason) => void,
    readonly line: Line,
  ) {}

  /** Whether the next frame may come. */
  get ready(): boolean {
    return this.#next === undefined && !this.#running && !this.quitting && !this.#gone && this.#pending < maxPending;
  }

  /** Whether all that was received is answered. */
  get idle(): boolean {
    return this.#next === undefined && !this.#running && this.#pending === 0;
  }

  get authenticated(): boolean {
    return this.state.kind === 'user';
  }

  /** Whether the connection is gone; what is under way finishes, and nobody hears of it. */
  get gone(): boolean {
    return this.#gone;
  }

  /** Who the session is. Throws for a guest: only commands that the gates keep guests from may ask. */
  get identity(): Identity {
    if (this.state.kind === 'guest') throw new Error('a guest came through the gates');
    return this.state;
  }

  /** Takes no frame until `work` is done, which may say who the session is. */
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

  /** The connection is gone: the session leaves its rooms once its posts are answered, since they come before (§4.2). */
  end(reason: LeaveReason): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#next = undefined;
    this.#goneBecause = reason;
    if (this.idle) this.becomeGuest(reason);
  }

  /** Leaves all rooms and has no user any more. */
  becomeGuest(reason: LeaveReason): void {
    if (this.state.kind === 'guest') return;
    const { members } = this.state;
    this.state = { kind: 'guest' };
    for (const member of members.values()) this.leaveRoom(member, reason);
  }

  settled(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#goOn();
    else if (this.#pending === maxPending - 1) this.line.proceed();
  }

  /** All posts are answered: what waited for that takes its turn. */
  #goOn(): void {
    if (this.#gone) {
      if (!this.#running) this.becomeGuest(this.#goneBecause);
      return;
    }
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && 'reply' in next) this.output.reply(next.reply);
    else if (next !== undefined) this.#answer(next.request);
    this.line.proceed();
  }

  #answer(request: Request | Refusal): void {
    if (!isRequest(request)) {
      tally.reply(request.command ?? '', request.code);
      this.output.reply(encodeRefusal(request));
      return;
    }
    const answer = this.dispatch(this, request);
    if (answer instanceof Promise) {
      this.#running = true;
      void answer.then((late) => {
        this.#running = false;
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
    tally.reply(request.command, 'code' in answer ? answer.code : code.ok);
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
