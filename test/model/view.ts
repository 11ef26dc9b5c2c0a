// One connection as its client sees it: every line is held, at its place in the stream, against the rules of
// PROTOCOL.md §3 to §5. Throws at the first line that breaks one.
import assert from 'node:assert/strict';
import type { Line } from '../support/client.js';
import { fold, type Chronicle } from './chronicle.js';
import type { Step } from './scenario.js';

/** A room as a session knows it between the reply to the join and the reply to the leave. */
export interface RoomView {
  /** The newest message seen: the next one's `prev`. */
  last: number;
  readonly present: Set<string>;
}

/** A request whose reply has not come, and what holds of that reply. */
export interface Expected {
  /** For messages of failures. */
  readonly request: string;
  readonly ref: number | undefined;
  /** A join, whose 110 lines move the client on; those of a history look back. */
  readonly replays?: boolean;
  /** The ids of the 110 lines that came for it (§4). */
  readonly past: number[];
  /** Set where the reply was 16. */
  isBusy: boolean;
  /** What a client sends again when the reply did not come: it has a key (§5.3). */
  readonly again?: Extract<Step, { readonly kind: 'say_keyed' }>;
  /**
   * Holds the reply against what was asked. `newestBefore`: the newest id per room when the reply before this one came.
   */
  readonly check: (reply: Line, newestBefore: ReadonlyMap<string, number>) => void;
}

export function text(line: Line, member: string): string {
  const value = line.body[member];
  assert.ok(typeof value === 'string', `${member} is no string`);
  return value;
}

export function integer(line: Line, member: string): number {
  const value = line.body[member];
  assert.ok(typeof value === 'number' && Number.isSafeInteger(value) && value >= 0, `${member} is no integer`);
  return value;
}

/** What one connection was shown and may be shown next. */
export class View {
  /** By folded name. */
  readonly rooms = new Map<string, RoomView>();
  readonly expected: Expected[] = [];
  #newestBefore: ReadonlyMap<string, number> = new Map();

  /** @param read the greatest id read by room, which outlives the connection (§4.3) */
  constructor(
    readonly username: string,
    readonly chronicle: Chronicle,
    readonly read: Map<string, number>,
  ) {}

  take(line: Line): void {
    if (line.code < 100) this.#reply(line);
    else if (line.code === 110) this.#past(line);
    else this.#event(line);
  }

  #reply(line: Line): void {
    const expected = this.expected.shift();
    assert.ok(expected !== undefined, 'a reply to nothing');
    assert.equal(line.body['ref'], expected.ref, `a reply out of order: that to ${expected.request} was expected`);
    expected.check(line, this.#newestBefore);
    this.#newestBefore = new Map([...this.rooms].map(([room, { last }]) => [room, last]));
  }

  /** §4: before the reply of the request that asked, with its ref. */
  #past(line: Line): void {
    const expected = this.expected[0];
    assert.ok(expected !== undefined && line.body['ref'] === expected.ref, 'a 110 that belongs to no request');
    const [room, id, before] = [text(line, 'room'), integer(line, 'id'), expected.past.at(-1)];
    assert.equal(integer(line, 'prev'), id - 1, 'prev is not the message before');
    assert.ok(before === undefined || id === before + 1, `110 lines jump from ${before} to ${id}`);
    expected.past.push(id);
    this.#shown(line, room, id);
    if (expected.replays === true) this.#note(room, id);
    else assert.ok(id <= (this.rooms.get(fold(room))?.last ?? 0), `history shows ${id}, which comes as an event too`);
  }

  #event(line: Line): void {
    const room = text(line, 'room');
    this.chronicle.spelled(room);
    const view = this.rooms.get(fold(room));
    // §4.4: not before the join's reply, not after the leave's.
    assert.ok(view !== undefined, `an event of ${room}, where the session is not`);
    const username = text(line, 'username');
    if (line.code === 100) {
      const id = integer(line, 'id');
      this.follow(room, id, integer(line, 'prev'));
      // §4.2: a user's messages come between its 101 and its 102.
      const mayBeElsewhere = this.chronicle.conditions.authorsElsewhere;
      assert.ok(mayBeElsewhere || view.present.has(username), `${username} speaks and is not there`);
      this.#shown(line, room, id);
    } else if (line.code === 101) {
      assert.ok(!view.present.has(username), `${username} comes and is there`);
      view.present.add(username);
    } else {
      assert.equal(line.code, 102);
      assert.ok(view.present.delete(username), `${username} leaves and is not there`);
      assert.ok(username !== this.username, 'the user has left a room that this session of the user is in');
      // A join whose replay was cut by a store that went away is undone.
      const reasons = this.chronicle.conditions.isAwayAtTimes
        ? /^(left|disconnected|server)$/
        : /^(left|disconnected)$/;
      assert.match(text(line, 'reason'), reasons);
    }
  }

  /** A live message, or the sender's reply in its place (§4.3): ids rise, and none is missing in between (§4.1). */
  follow(room: string, id: number, prev: number): void {
    const view = this.rooms.get(fold(room));
    assert.ok(view !== undefined, `a message of ${room}, where the session is not`);
    assert.ok(id > view.last, `${id} comes after ${view.last}`);
    assert.equal(prev, view.last, `${id} follows ${prev}, but the newest seen is ${view.last}`);
    view.last = id;
    this.#note(room, id);
  }

  #shown(line: Line, room: string, id: number): void {
    this.chronicle.spelled(room);
    const [username, said, time] = [text(line, 'username'), text(line, 'message'), text(line, 'time')];
    this.chronicle.shown(room, id, { username, text: said, time });
  }

  #note(room: string, id: number): void {
    this.read.set(fold(room), Math.max(this.read.get(fold(room)) ?? 0, id));
  }

  /** The reply to a join: from here on the room's events come, and none is missing (§5.4). */
  entered(room: string, last: number, present: readonly string[]): void {
    this.rooms.set(fold(room), { last, present: new Set(present) });
    this.#note(room, last);
  }
}
