// One session of the community: what it asked, and each line that it reads held against the model (community.ts).
import assert from 'node:assert/strict';
import type { Client, Line } from '../support/client.js';
import type { Community } from './community.js';
import { tick, type Ledger } from './ledger.js';

/**
 * What a request can't be answered as long as nothing is sent that changes what it depends on: what is sent later may
 * come first.
 */
export interface Never {
  readonly code: number;
  /** Counts what was sent. */
  readonly changes: () => number;
  /** That a message was stored before, by its key, may be answered whatever else is so (§5.3). */
  readonly unlessDuplicate?: boolean;
}

/** What else holds of a request. */
interface Conditions {
  readonly reads?: Ledger;
  readonly never?: Never | undefined;
  readonly nevers?: readonly Never[];
  readonly isLost?: () => void;
}

/** A request under way. */
export interface Asked {
  readonly request: Readonly<Record<string, unknown>>;
  readonly codes: readonly number[];
  readonly isNever: (reply: Line) => boolean;
  /** What was known when it was sent, for messages of failures. */
  readonly because: string;
  readonly tick: number;
  /** What was known to be trimmed when it was sent. */
  readonly floor: number;
  /** The log that it reads; undefined where it reads none. */
  readonly log: Ledger | undefined;
  /** The last id that it was shown, at first the one after which it asked. */
  at: number | undefined;
  gap: Line | undefined;
  readonly past: Line['body'][];
  /** Whether the session was removed from the room while it was on its way, after any join before it. */
  isAfterRemoval: boolean;
  readonly done: (reply: Line, asked: Asked) => void;
  /** What follows where the connection is torn down before the answer; undefined where it must not be. */
  readonly isLost: (() => void) | undefined;
}

/** What a session has read of a log that it follows. */
interface Following {
  last: number;
  /** The messages that it was shown as they came, with a text. */
  readonly live: Set<number>;
}

/** One session of a user. */
export class Guest {
  readonly asked: Asked[] = [];
  /** The room and the conversations as they go on. The room is there while the session is in it. */
  readonly following = new Map<Ledger, Following>();
  /** The messages of whose deletion it knows, and those of which event 105 told: `LOG ID`. */
  readonly #gone = new Set<string>();
  readonly #told = new Set<string>();
  /** The conversations in which it may miss one message: a notice that its own invitation sent. */
  readonly mayMiss = new Set<Ledger>();
  /** Who sends it nothing: it has read that its user blocks them. */
  readonly quiet = new Set<string>();
  /** Whether no request that is sent now finds the session in the room. */
  isOut = true;

  /** What it sends again when it is back. */
  again: (() => void)[] = [];

  constructor(
    readonly user: string,
    readonly edition: 1 | 2,
    public client: Client,
    readonly community: Community,
  ) {}

  /** Whether its connection may be torn down now, without an answer to what is on its way. */
  get mayBeLost(): boolean {
    return this.asked.every(({ isLost }) => isLost !== undefined);
  }

  /**
   * Goes on with another connection, which is in no room. What the user knows of deletions and blocks still holds.
   * Answers the id after which it has read nothing of the room; undefined where it was not in it.
   */
  reconnected(client: Client): number | undefined {
    const last = this.following.get(this.community.room)?.last;
    for (const { isLost } of this.asked.splice(0)) isLost?.();
    this.client = client;
    this.following.clear();
    this.#told.clear();
    this.isOut = true;
    return last;
  }

  get isIn(): boolean {
    return this.following.has(this.community.room);
  }

  /** Whether it has asked for such a thing and has no answer yet. */
  awaits(command: string): boolean {
    return this.asked.some(({ request }) => request['command'] === command);
  }

  send(
    request: Readonly<Record<string, unknown>>,
    codes: readonly number[],
    done: Asked['done'] = () => undefined,
    { reads, never, nevers = [], isLost }: Conditions = {},
  ): void {
    const { after } = request;
    const all = [...nevers, never].flatMap((each) => (each === undefined ? [] : [{ ...each, before: each.changes() }]));
    this.asked.push({
      request,
      codes,
      isNever: ({ code, body }) =>
        all.some(
          (each) =>
            code === each.code &&
            each.changes() === each.before &&
            !(each.unlessDuplicate === true && body['duplicate'] === true),
        ),
      because: this.community.describe(this.user),
      tick: tick(),
      floor: reads?.floor ?? 0,
      log: reads,
      at: typeof after === 'number' ? after : undefined,
      gap: undefined,
      past: [],
      isAfterRemoval: false,
      done,
      isLost,
    });
    this.client.send(request);
  }

  /** Holds a line against what is known. Throws where it breaks a rule. */
  take(line: Line): void {
    const { code, body, raw } = line;
    if (code < 100) this.#reply(line);
    else if (code === 104) this.#direct(body, raw);
    else if (code === 105) this.#deleted(body, raw);
    else if (code === 106) this.#removed();
    else if (code === 111) this.#gap(line);
    else if (code === 110 || code === 112) this.#past(body, raw);
    else if (code !== 109 && body['room'] === this.community.name) {
      assert.ok(this.isIn, `${this.user} is not in the room and reads ${raw}`);
      if (code === 100) this.follow(this.community.room, body, String(body['username']));
    }
  }

  #reply(reply: Line): void {
    const { code, raw } = reply;
    const asked = this.asked.shift();
    assert.ok(asked !== undefined, `a reply to nothing: ${raw}`);
    const { request, codes, isAfterRemoval, gap } = asked;
    const what = `${this.user}: ${JSON.stringify(request)}`;
    assert.ok(
      codes.includes(code) && !asked.isNever(reply),
      `${what} is answered ${raw}, and not one of ${codes.join()} (${asked.because})`,
    );
    const isLate = code === 1 && isAfterRemoval && reply.body['duplicate'] !== true;
    assert.ok(!isLate || !inRoom.has(String(request['command'])), `a 1 after event 106: ${what}`);
    // Trimming has overtaken a whole page: the next message that is kept is behind it.
    const isBehind = gap === undefined || gap.body['first'] === null || reply.body['more'] === true;
    assert.ok(isBehind, `nothing follows ${gap?.raw ?? ''}`);
    asked.done(reply, asked);
  }

  #removed(): void {
    assert.ok(this.following.delete(this.community.room), `${this.user} is removed and was not in the room`);
    for (const asked of this.asked) {
      if (asked.request['command'] === 'join_chatroom') break;
      asked.isAfterRemoval = true;
    }
  }

  /** A message as it comes, or the reply to one's own in its place (§4.1, §4.3): none is missing. */
  follow(log: Ledger, body: Line['body'], author: string | undefined): void {
    const [id, prev] = [Number(body['id']), Number(body['prev'])];
    const { last = prev, live = new Set<number>() } = this.following.get(log) ?? {};
    const follows = this.mayMiss.has(log) ? prev >= last : prev === last;
    assert.ok(follows && id === prev + 1, `${this.user}: ${id} of ${log.name} follows ${prev}, and ${last} was read`);
    this.following.set(log, { last: id, live });
    live.add(id);
    if (author !== undefined) log.shown(id, author, body);
  }

  #direct(body: Line['body'], raw: string): void {
    const [from, to] = [String(body['from']), String(body['to'])];
    assert.ok(from === this.user || to === this.user, `${this.user} reads ${raw}`);
    assert.ok(!this.quiet.has(from), `${this.user} blocks ${from} and reads ${raw}`);
    this.follow(this.community.conversation(from, to), body, from);
  }

  #deleted({ room, with: other, id: number }: Line['body'], raw: string): void {
    const log = room === undefined ? this.community.conversation(this.user, String(other)) : this.community.room;
    const id = Number(number);
    assert.ok(room === undefined || this.isIn, `${this.user} is not in the room and reads ${raw}`);
    assert.ok(id <= (this.following.get(log)?.last ?? id), `it was not shown: ${raw}`);
    assert.ok(!this.#told.has(`${log.name} ${id}`), `it was told before: ${raw}`);
    this.#told.add(`${log.name} ${id}`);
    this.knowDeleted(log, id);
  }

  /** From here on the session sees no text of the message. */
  knowDeleted(log: Ledger, id: number): void {
    this.#gone.add(`${log.name} ${id}`);
    log.deleted(id);
  }

  /** Whether it knows that a message is deleted, or the one that it edits. */
  seesDeleted(log: Ledger, id: number): boolean {
    const { kind, re } = log.known.get(id) ?? {};
    return this.#gone.has(`${log.name} ${id}`) || (kind === 'edit' && this.#gone.has(`${log.name} ${re}`));
  }

  /** The request that reads stored messages. */
  #reader(raw: string): Asked & { readonly log: Ledger } {
    const [first] = this.asked;
    const { log } = first ?? {};
    assert.ok(first !== undefined && log !== undefined, `nobody asked for ${raw}`);
    const mayRead = log !== this.community.room || first.request['command'] === 'join_chatroom' || this.isIn;
    assert.ok(mayRead, `${this.user} is not in the room and reads ${raw}`);
    return Object.assign(first, { log });
  }

  #gap(line: Line): void {
    const asked = this.#reader(line.raw);
    const [after, first] = [line.body['after'], line.body['first']];
    assert.equal(this.edition, 2);
    assert.ok(
      asked.gap === undefined && (asked.at === undefined || after === asked.at),
      `a gap elsewhere: ${line.raw}`,
    );
    assert.ok(first === null || Number(first) > Number(after) + 1, `no gap: ${line.raw}`);
    asked.gap = line;
  }

  /** A stored message (§4.1): all before it were shown, or a 111 tells that they were trimmed. */
  #past(body: Line['body'], raw: string): void {
    const asked = this.#reader(raw);
    const { log, at, gap } = asked;
    const [id, prev] = [Number(body['id']), Number(body['prev'])];
    if (gap !== undefined) assert.equal(gap.body['first'], id, `${gap.raw} before ${raw}`);
    else if (this.edition === 2 && at !== undefined) assert.equal(id, at + 1, `a gap that no 111 told of: ${raw}`);
    assert.ok(id > (at ?? 0), `out of order: ${raw}`);
    assert.equal(prev, this.edition === 2 || at === undefined ? id - 1 : at, `a wrong prev: ${raw}`);
    assert.ok(id > asked.floor, `${log.name} ${id} was trimmed up to ${asked.floor}: ${raw}`);
    if (at !== undefined && id > at + 1) log.missing = Math.max(log.missing, id - 1);
    asked.at = id;
    asked.gap = undefined;
    asked.past.push(body);
    const hasText = log.shown(id, String(body['username'] ?? body['from']), body);
    const isGone = log.isDeleted(id, asked.tick) || this.seesDeleted(log, id);
    assert.ok(!hasText || !isGone, `${log.name} ${id} was deleted before it was asked for: ${raw}`);
  }

  /** The end of a replay or a page that had to reach the newest message. */
  reached(asked: Asked, last: number): void {
    const { log, at } = asked;
    if (log === undefined || at === undefined || at === last) return;
    const isTold = this.edition === 1 || asked.gap !== undefined;
    assert.ok(at < last && isTold, `${this.user} was shown ${at} of ${log.name}, and ${last} is the newest`);
    log.missing = Math.max(log.missing, last);
  }

  /** The session is in the room from here on. */
  entered(last: number): void {
    this.following.set(this.community.room, { last, live: new Set() });
  }
}

/** Commands that are not answered 1 after the removal. (A deletion may be: it was stored before.) */
const inRoom = new Set(['leave_chatroom', 'chatroom_message', 'chatroom_history']);
