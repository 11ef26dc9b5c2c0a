// Takes the requests of one connection and keeps their replies in order (PROTOCOL.md §3.1). The sessions of clients and
// of operators build on it. Messages pipeline: many may be on their way to disk. Every other request waits until all
// before it are answered. So at most one request waits, and no queue of replies is needed.
import type { Eviction } from '../chat/evictable.js';
import type { Speaker } from '../chat/post.js';
import type { Recipient } from '../chat/recipient.js';
import { encodeRefusal } from '../wire/encode.js';
import { defaultFormat, type LineFormat } from '../wire/format.js';
import { code, type Code } from '../wire/generated/codes.js';
import type { Refusal } from '../wire/refusal.js';
import { isRequest, type AnyRequest } from '../wire/request.js';
import { encodeAnswer, type Answer, type Edition } from './answer.js';

/**
 * Reading pauses while a session has this many messages on their way to disk. No setting: nobody waits for it but the
 * sender.
 */
const maxPending = 4096;

/** Takes the session's lines. */
export interface Output extends Recipient {
  /** Fulfils when the network has taken all lines, or the connection is gone. */
  drained(): Promise<void>;
  /** Sets how many bytes of stored messages are in memory for the session, besides its lines; where that is limited. */
  readAhead?(bytes: number): void;
}

/** The part of the connection that the session uses. */
export interface Line {
  /** Tells the connection to go on: `ready` or `idle` may have become true. */
  proceed(): void;
  /** Ends the session, sends a 199 and closes. False where the connection is closing already. */
  evict(eviction: Eviction): boolean;
  /**
   * Sends a sign of life (191) after so many seconds without a line, and expects some (PROTOCOL.md §8.4); 0 for
   * neither.
   */
  keepAlive(seconds: number): void;
}

/** A session that answers requests in the order in which they came. */
export abstract class OrderedSession implements Speaker {
  /** Set by the command `quit`: no further line is read. */
  quitting = false;
  #edition: Edition = 1;
  #gone = false;
  /** Messages of this session that are on their way to disk. */
  #pending = 0;
  /** Whether a command runs that answers later. */
  #running = false;
  /** The request or the reply that waits until the messages before it are answered. */
  #next: { readonly request: AnyRequest | Refusal } | { readonly reply: Buffer | string } | undefined;

  /** @param id the number that names the session in logs, and to operators */
  constructor(
    readonly id: number,
    readonly output: Output,
    protected readonly line: Line,
  ) {}

  /** Parses a line into a request, or into a refusal. */
  protected abstract parse(line: string): AnyRequest | Refusal;

  /** Answers a request. Must neither throw nor reject. */
  protected abstract dispatch(request: AnyRequest): Answer | Promise<Answer>;

  /** Reports a line that was refused at no cost: one that is no request, or that is answered 14. */
  protected abstract refusedFree(): void;

  /** Counts a reply. `command` is empty where the line names none. */
  protected abstract count(command: string, code: Code): void;

  /** How the session's lines are written. */
  get format(): LineFormat {
    return defaultFormat;
  }

  /** The edition of the contract that the session speaks: the second one from the first new thing that it sent on. */
  get edition(): Edition {
    return this.#edition;
  }

  /** Whether the session can take the next line. */
  get ready(): boolean {
    return this.#next === undefined && !this.#running && !this.quitting && !this.#gone && this.#pending < maxPending;
  }

  /** Whether everything that was received is answered, or will never be. */
  get idle(): boolean {
    return this.#pending === 0 && (this.#gone || (this.#next === undefined && !this.#running));
  }

  /**
   * Whether the session has ended. Then a command that still runs must change nothing more, and its answer is dropped.
   */
  get gone(): boolean {
    return this.#gone;
  }

  /** Takes no line until `work`, for example a login by certificate, is done. `work` must not reject. */
  waitFor(work: Promise<void>): void {
    this.#running = true;
    void work.then(() => {
      this.#running = false;
      this.#proceed();
    });
  }

  /** Takes a line, or the refusal of a line that could not be read. To be called only while the session is `ready`. */
  receive(frame: string | Refusal): void {
    const request = typeof frame === 'string' ? this.parse(frame) : frame;
    if (!isRequest(request)) this.refusedFree();
    if (request.edition === 2) this.#edition = 2;
    if (this.#pending > 0 && !(isRequest(request) && request.spec.pipelined === true)) this.#next = { request };
    else this.#answer(request);
  }

  /** Reports that one of the session's messages is answered, and the reply is in the outbox. */
  settled(): void {
    this.#pending -= 1;
    if (this.#pending === 0) this.#proceed();
    else if (this.#pending === maxPending - 1) this.line.proceed();
  }

  /**
   * Ends the session at once: it takes no more requests, and a command that runs or waits is not answered. Only
   * messages that the store has taken are still answered, and replies that wait for them. False where the session has
   * ended before.
   */
  protected stop(): boolean {
    if (this.#gone) return false;
    this.#gone = true;
    if (this.#next !== undefined && 'request' in this.#next) this.#next = undefined;
    return true;
  }

  /** Sends what waited for messages or for a command that has ended, and lets the connection go on. */
  #proceed(): void {
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && 'reply' in next) this.output.reply(next.reply);
    else if (next !== undefined) this.#answer(next.request);
    this.line.proceed();
  }

  #answer(request: AnyRequest | Refusal): void {
    if (!isRequest(request)) {
      this.count(request.command ?? '', request.code);
      this.output.reply(encodeRefusal(request, this.format));
      return;
    }
    const answer = this.dispatch(request);
    if (!(answer instanceof Promise)) {
      this.#reply(request, answer);
      return;
    }
    this.#running = true;
    void answer.then((late) => {
      this.#running = false;
      // Its outcome will be told, even where the session has ended meanwhile.
      if (this.#gone && late !== 'on commit') return;
      this.#reply(request, late);
      if (this.#pending === 0) this.#proceed();
      else if (this.ready) this.line.proceed();
    });
  }

  /** Sends a reply, after the replies to the messages before the request. */
  #reply(request: AnyRequest, answer: Answer): void {
    if (answer === 'on commit') {
      this.#pending += 1;
      return;
    }
    const answered = 'code' in answer ? answer.code : code.ok;
    this.count(request.command, answered);
    if (answered === code.rate_limited) this.refusedFree();
    const reply = encodeAnswer(request, answer, this.#edition, this.format);
    if (this.#pending > 0) {
      this.#next = { reply };
      return;
    }
    this.output.reply(reply);
    if ('afterwards' in answer) answer.afterwards();
  }
}
