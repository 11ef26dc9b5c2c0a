// A client's session: a guest, or a user in some rooms. It reports to presence, and evictions reach it.
// ordered-session.ts keeps its replies in order.
import type { SeenUsers } from '../accounts/last-seen.js';
import type { Evictable, Eviction } from '../chat/evictable.js';
import type { Throttle } from '../accounts/throttle.js';
import type { Challenge } from '../accounts/token-proof.js';
import type { Exits } from '../chat/exits.js';
import type { ChatUser, Presence } from '../chat/presence.js';
import type { LeaveReason } from '../chat/member.js';
import type { Counters } from '../metrics/counters.js';
import type { Code } from '../wire/generated/codes.js';
import { refusal, type Ref, type Refusal } from '../wire/refusal.js';
import { say, type Language } from '../wire/words.js';
import { isRequest, parseRequest, type AnyRequest } from '../wire/request.js';
import { refFits } from '../wire/fixed-parts.js';
import { defaultFormat, type LineFormat } from '../wire/format.js';
import type { EventChoice } from '../chat/speaks.js';
import {
  askedBoth,
  readingOf,
  unaskedReading,
  type AskedSettings,
  type Reading,
  type SessionSettings,
} from './session-settings.js';
import type { Answer } from './answer.js';
import type { Dispatch } from './dispatcher.js';
import { OrderedSession, type Line, type Output } from './ordered-session.js';
import type { Identity, Peer, Requester, State } from './requester.js';

/** The services that all clients' sessions share. */
export interface SessionContext {
  /** Counts replies, and how often sessions had to wait after refusals. */
  readonly counters: Pick<Counters, 'reply' | 'pauses'>;
  /** The lines that may be refused at no cost: of a user's id, or of an address's guests. */
  readonly refusals: Pick<Throttle, 'spend' | 'wait'>;
  readonly dispatch: Dispatch<Session>;
  readonly presence: Presence<Session>;
  /** The language of sessions whose clients ask for none. */
  readonly language?: () => Language;
  readonly exits: Pick<Exits, 'leaveAll'>;
  /** Is told when a session of a user begins or ends. */
  readonly lastSeen?: Pick<SeenUsers, 'seen'>;
}

/** Milliseconds that a session waits at most after a refusal, however many there are to come. */
const longestPause = 1000;

/** The session of a client. */
export class Session extends OrderedSession implements Requester, Evictable {
  state: State = { kind: 'guest' };
  /** Whether it has joined a room since its login. */
  hasJoined = false;
  #reading: Reading;
  /** When it began, in milliseconds of the monotonic clock. */
  readonly since = performance.now();
  /** The same in milliseconds since 1970. */
  readonly begun = Date.now();
  readonly #context: SessionContext;
  /** Takes no line for a while, because too many were refused. */
  #isPaused = false;
  /** The key of the user who had this session when it ended. */
  #endedAs: string | undefined;

  /** @param id the number that names the session in logs, and to operators */
  constructor(
    id: number,
    readonly peer: Peer,
    output: Output,
    line: Line,
    context: SessionContext,
  ) {
    super(id, output, line);
    this.#context = context;
    this.#reading = unaskedReading(this.#language);
    context.presence.sessionOpened(this);
  }

  /** How the session's lines are written. */
  override get format(): LineFormat {
    return this.#reading.format;
  }

  /** What its client has asked for. A token that is made now keeps it. */
  get asked(): AskedSettings {
    return this.#reading.asked;
  }

  /** All settings that are in force. */
  get settings(): SessionSettings {
    return this.#reading.settings;
  }

  /** Which events the client wants. */
  get events(): EventChoice {
    return this.#reading.settings.events;
  }

  /** Whether it is told what concerns its user (tell-user.ts): it has joined a room, or asked for events. */
  get isListening(): boolean {
    return this.hasJoined || this.#reading.asked.events !== undefined;
  }

  /**
   * Puts settings in force, from the next line on. Those that are not given stay. Call `refTooLong` before: the reply
   * to this request is written as they say already.
   */
  ask(settings: AskedSettings): void {
    this.#reading = this.#readingWith(settings);
    if (settings.keepalive !== undefined) this.line.keepAlive(settings.keepalive);
  }

  /**
   * Refuses a request (7) whose `ref` has no room in a reply that is written with these settings. Undefined where it
   * has.
   */
  refTooLong({ command, ref }: Pick<AnyRequest, 'command' | 'ref'>, settings: AskedSettings): Refusal | undefined {
    return refTooLong(command, ref, this.#readingWith(settings).format);
  }

  #readingWith(settings: AskedSettings): Reading {
    return readingOf(askedBoth(this.#reading.asked, settings), this.#language);
  }

  get #language(): Language {
    return this.#context.language?.() ?? defaultFormat.language;
  }

  /** Whether the session has a user. */
  get authenticated(): boolean {
    return this.state.kind === 'user';
  }

  /** Users have more of the event loop's time than guests. */
  get payerClass(): 'user' | 'guest' {
    return this.state.kind;
  }

  /** The address that shares the event loop's time with others. */
  get payerAddress(): string {
    return this.peer.limitKey;
  }

  /** The user who shares the address's time with others. */
  get payerUser(): string {
    return this.state.kind === 'user' ? this.state.user.key : '';
  }

  /** The session's user and its rooms. Throws for a guest: only commands that the gates close to guests may ask. */
  get identity(): Identity {
    if (this.state.kind === 'guest') throw new Error('a guest came through the gates');
    return this.state;
  }

  /** Names the session in the log. */
  get logFields(): { readonly session: number } {
    return { session: this.id };
  }

  /** Names the session in the audit: `logFields` and the client's address. */
  get auditFields(): { readonly session: number; readonly address: string } {
    return { session: this.id, address: this.peer.address };
  }

  /**
   * Ends the session and its connection (chat/eviction.ts). A session that has ended already gets less time to read its
   * last lines.
   */
  evict(eviction: Eviction): boolean {
    return this.line.evict(eviction);
  }

  /**
   * Ends the session, as `stop` does, and leaves its rooms. Its messages that are on their way come before the event
   * of its leaving (PROTOCOL.md §4.2).
   *
   * It leaves the rooms at the end of this step, so that of many sessions that end together none is told of the
   * others.
   */
  end(reason: LeaveReason): void {
    if (!this.stop()) return;
    if (this.state.kind === 'user') this.#endedAs = this.state.user.key;
    queueMicrotask(() => void this.becomeGuest(reason));
  }

  /** Reports that the connection is gone. Comes after `end`. */
  closed(): void {
    this.#context.presence.sessionClosed(this, this.#endedAs);
  }

  /** Gives a guest a challenge, in place of one that it has. */
  challenged(challenge: Challenge): void {
    if (this.state.kind === 'guest') this.state = { kind: 'guest', challenge };
  }

  /** Takes a guest's challenge away from it, because it is good for one try. Undefined where it has none. */
  takeChallenge(): Challenge | undefined {
    if (this.state.kind !== 'guest') return undefined;
    const { challenge } = this.state;
    this.state = { kind: 'guest' };
    return challenge;
  }

  /**
   * Makes the session the user's. False where it has ended meanwhile, or has a user already.
   * @param token the id of the token that logs it in, if one does
   */
  becomeUser(user: ChatUser, token?: string): boolean {
    if (this.gone || this.state.kind === 'user') return false;
    this.state = { kind: 'user', user, members: new Map(), token };
    this.#context.presence.loggedIn(user.key, this);
    this.#context.lastSeen?.seen(user.id);
    return true;
  }

  /**
   * Makes the session a guest's, and leaves all rooms. Fulfils when it has left them; answers undefined where it has at
   * once.
   */
  becomeGuest(reason: LeaveReason): Promise<void> | undefined {
    if (this.state.kind === 'guest') return undefined;
    const { user, members } = this.state;
    this.state = { kind: 'guest' };
    this.hasJoined = false;
    this.#context.presence.loggedOut(user.key, this);
    this.#context.lastSeen?.seen(user.id);
    return this.#context.exits.leaveAll(members.values(), reason, this.quitting);
  }

  protected override parse(line: string): AnyRequest | Refusal {
    const request = parseRequest(line, this.state.kind === 'user' ? this.state.user.name : '');
    return isRequest(request) ? (refTooLong(request.command, request.ref, this.format) ?? request) : request;
  }

  protected override dispatch(request: AnyRequest): Answer | Promise<Answer> {
    return this.#context.dispatch(this, request);
  }

  /** Whether the session can take the next line. */
  override get ready(): boolean {
    return !this.#isPaused && super.ready;
  }

  /**
   * Lets the next line wait where the user, or the address's guests, have sent too many that were refused at no cost.
   * Who sends on in spite of refusals would otherwise have more of everybody's time than who is served.
   */
  protected override refusedFree(): void {
    if (this.peer.exempt) return;
    const { refusals, counters } = this.#context;
    const payer = this.state.kind === 'user' ? this.state.user.id : this.peer.limitKey;
    const now = performance.now();
    refusals.spend(payer, now);
    const wait = Math.min(refusals.wait(payer, now), longestPause);
    if (wait === 0) return;
    counters.pauses += 1;
    this.#isPaused = true;
    setTimeout(() => this.#goOn(), wait).unref();
  }

  #goOn(): void {
    this.#isPaused = false;
    if (!this.gone) this.line.proceed();
  }

  protected override count(command: string, code: Code): void {
    this.#context.counters.reply(command, code);
  }
}

function refTooLong(command: string, ref: Ref | undefined, format: LineFormat): Refusal | undefined {
  if (ref === undefined || refFits(command, ref, format)) return undefined;
  return refusal('invalid_field', say('ref_too_long', { bytes: format.maxLine }), { field: 'ref', command });
}
