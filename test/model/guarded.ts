// The model of a guarded room: what its warden has done, how far that is settled, and what each session of its guests
// may be answered and shown. Something is settled from the reply that the warden has read until the warden asks for
// another thing of the kind: a guest who sends a line meanwhile sends it after.
import assert from 'node:assert/strict';
import type { Client, Line } from '../support/client.js';

/** What is settled of a guest; `unknown` while a request of the warden's is on its way. */
export interface Standing {
  role: 'member' | 'muted' | 'moderator' | 'unknown';
  isBanned: boolean | 'unknown';
}

/** A request of a guest's session, and the codes that may answer it. */
interface Asked {
  readonly kind: 'join' | 'leave' | 'say' | 'history';
  readonly text: string;
  readonly codes: readonly number[];
  /** Whether the session was removed from the room while the request was on its way, after any join before it. */
  isAfterRemoval: boolean;
}

/** The room as all know it. */
export class Guarded {
  readonly standings = new Map<string, Standing>();
  isModerated: boolean | 'unknown' = false;
  /** Texts that were refused: nobody may ever be shown one. And those that are stored. */
  readonly refused = new Set<string>();
  readonly stored = new Set<string>();

  standing(user: string): Standing {
    const known = this.standings.get(user) ?? { role: 'member', isBanned: false };
    this.standings.set(user, known);
    return known;
  }

  /** Whether nothing that the user says from now on may be stored. */
  isSilenced(user: string): boolean {
    const { role, isBanned } = this.standing(user);
    return isBanned === true || role === 'muted' || (role === 'member' && this.isModerated === true);
  }
}

/** One session of a guest. */
export class Guest {
  readonly asked: Asked[] = [];
  #isIn = false;
  /** Set when the warden has read that the user is out; a join that is sent later takes it back. */
  isOut = false;

  constructor(
    readonly user: string,
    readonly client: Client,
    readonly room: Guarded,
  ) {}

  /** Notes that the warden has read that the user is out. Joins that were sent before may still let it in. */
  removed(): void {
    if (!this.asked.some(({ kind }) => kind === 'join')) this.isOut = true;
  }

  join(after: number | undefined): void {
    this.isOut = false;
    const codes = this.room.standing(this.user).isBanned === true ? [12] : [1, 7, 12];
    this.#send('join', '', codes, { command: 'join_chatroom', username: this.user, room: 'hall', after });
  }

  leave(): void {
    this.#send('leave', '', this.isOut ? [10] : [1, 10], {
      command: 'leave_chatroom',
      username: this.user,
      room: 'hall',
    });
  }

  say(message: string): void {
    const codes = this.isOut ? [10] : this.room.isSilenced(this.user) ? [10, 12] : [1, 10, 12];
    const request = { command: 'chatroom_message', username: this.user, room: 'hall', message };
    this.#send('say', message, codes, request);
  }

  history(): void {
    const codes = this.isOut ? [10] : [1, 10];
    this.#send('history', '', codes, { command: 'chatroom_history', room: 'hall', limit: 5 });
  }

  #send(kind: Asked['kind'], text: string, codes: readonly number[], request: object): void {
    this.asked.push({ kind, text, codes, isAfterRemoval: false });
    this.client.send(request);
  }

  /** Holds a line against what is known. Throws where it breaks a rule. */
  take(line: Line): void {
    if (line.code < 100) this.#reply(line);
    else if (line.code === 106) this.#removed();
    else if (line.code === 110) {
      const [first] = this.asked;
      assert.ok(first?.kind === 'join' || first?.kind === 'history', `nobody asked for ${line.raw}`);
      assert.ok(first.kind === 'join' || this.#isIn, `history for one who is out: ${line.raw}`);
      this.#shown(line);
    } else {
      assert.ok(this.#isIn, `${this.user} is not in the room and reads ${line.raw}`);
      if (line.code === 100) this.#shown(line);
    }
  }

  #reply({ code, raw }: Line): void {
    const asked = this.asked.shift();
    assert.ok(asked !== undefined, `a reply to nothing: ${raw}`);
    const { kind, text, codes, isAfterRemoval } = asked;
    assert.ok(codes.includes(code), `${this.user}: ${kind} is answered ${raw}, and not one of ${codes.join()}`);
    if (kind === 'join') {
      if (code === 1) this.#isIn = true;
      return;
    }
    assert.ok(code !== 1 || !isAfterRemoval, `a success after event 106: ${raw}`);
    if (kind === 'leave' && code === 1) this.#isIn = false;
    if (kind === 'say') (code === 1 ? this.room.stored : this.room.refused).add(text);
  }

  #removed(): void {
    assert.ok(this.#isIn, `${this.user} is removed and was not in the room`);
    this.#isIn = false;
    for (const asked of this.asked) {
      if (asked.kind === 'join') break;
      asked.isAfterRemoval = true;
    }
  }

  #shown({ body, raw }: Line): void {
    assert.ok(!this.room.refused.has(String(body['message'])), `a refused message is shown: ${raw}`);
  }
}
