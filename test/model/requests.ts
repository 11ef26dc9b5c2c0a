// The requests of the property test: each step's line, and what its reply must be, in the order of scenario.ts.
import assert from 'node:assert/strict';
import type { Line } from '../support/client.js';
import { Asker, hasCode, type Asked, type Check } from './asker.js';
import { fold, type Utterance } from './chronicle.js';
import type { Step } from './scenario.js';
import { integer, text } from './view.js';

type Request<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>;

/** Texts and keys hold what is hard to carry: quotes, controls, line ends of Unicode, several scripts. */
const decorations = [
  '',
  ' "quoted\\"',
  ' \u0000\t\r\u007f',
  ' \u2028 é e\u0301',
  ' 👩‍👩‍👧 日本',
  ' {"command":"quit"}',
];
/** How many of the newest messages a join asks for. */
const newestAtJoin = 5;

export const keys = ['k', 'key "1"', '\u0000🔑'];

/** The same for all who send a key with that variant. */
export function keyedText(key: number, variant: number): string {
  return `key ${key} variant ${variant}${decorations[key + variant] ?? ''}`;
}

/** The requests that the steps of a script stand for. */
export class Requests extends Asker {
  logIn(): Asked {
    const request = {
      command: 'authenticate_user',
      username: this.username,
      password: `${this.view.username} password`,
    };
    const code = this.standing.authenticated ? 13 : 1;
    this.standing.authenticated = true;
    return this.ask(
      request,
      (reply) => {
        assert.equal(reply.code, code);
        if (code === 1) assert.equal(text(reply, 'username'), this.view.username);
      },
      {
        onBusy: () => {
          this.standing.authenticated = code === 13;
        },
      },
    );
  }

  logOut(): Asked {
    if (!this.standing.authenticated) return this.refused({ command: 'log_out' }, 8);
    this.standing.authenticated = false;
    this.standing.rooms.clear();
    return this.ask({ command: 'log_out' }, (reply) => {
      assert.equal(reply.code, 1);
      this.view.rooms.clear();
    });
  }

  ping(): Asked {
    const data = this.mark;
    return this.ask({ command: 'ping', data }, (reply) =>
      assert.deepEqual([reply.code, reply.body['data']], [1, data]),
    );
  }

  join({ room, after: from }: Omit<Request<'join'>, 'kind'>): Asked {
    const name = this.roomName(room);
    const read = this.view.read.get(fold(name)) ?? 0;
    const after = { none: undefined, zero: 0, read, newest: undefined, beyond: 2 ** 52 }[from];
    const newest = from === 'newest' ? newestAtJoin : undefined;
    const request = { command: 'join_chatroom', username: this.username, room: name, after, newest };
    if (!this.standing.authenticated) return this.refused(request, 8);
    if (from === 'beyond') return this.refused(request, 7);
    const again = this.standing.rooms.has(room);
    this.standing.rooms.add(room);
    const asked = this.ask(
      request,
      (reply) => {
        assert.equal(reply.code, 1);
        this.chronicle.spelled(text(reply, 'room'));
        this.#entered(reply, again ? 'again' : ((newest && 'newest') ?? after), asked.expected?.past ?? []);
      },
      {
        replays: true,
        onBusy: () => {
          if (!again) this.standing.rooms.delete(room);
        },
      },
    );
    return asked;
  }

  /** §5.4: all that followed `after` and nothing else; then live, from where the replay ended. */
  #entered(reply: Line, after: number | 'again' | 'newest' | undefined, past: readonly number[]): void {
    const [room, last, present] = [
      text(reply, 'room'),
      integer(reply, 'last'),
      reply.body['users'] as readonly string[],
    ];
    assert.equal(reply.body['count'], present.length);
    assert.equal(new Set(present).size, present.length, 'a user is listed twice');
    assert.ok(present.includes(this.view.username), 'who joins is not in the room');
    const known = this.view.rooms.get(fold(room));
    if (after === 'again') {
      assert.equal(past.length, 0, 'joining again replays');
      assert.equal(last, known?.last);
      assert.deepEqual(new Set(present), known?.present);
      return;
    }
    if (after === 'newest') {
      assert.equal(past.length, Math.min(last, newestAtJoin), 'not as many as were asked for');
    } else if (after === undefined) {
      assert.equal(past.length, 0, 'a join without after replays');
    } else if (past.length > 0) {
      assert.equal(past[0], after + 1, 'the replay does not begin behind after');
    }
    const replayed = past.at(-1) ?? (typeof after === 'number' ? after : last);
    assert.equal(last, replayed, 'last is not the newest message before the reply');
    this.view.entered(room, last, present);
  }

  leave(room: number): Asked {
    const request = { command: 'leave_chatroom', username: this.username, room: this.roomName(room) };
    if (!this.standing.authenticated) return this.refused(request, 8);
    if (!this.standing.rooms.delete(room)) return this.refused(request, 10);
    const left: Check = (reply) => {
      assert.equal(reply.code, 1);
      this.chronicle.spelled(text(reply, 'room'));
      this.view.rooms.delete(fold(request.room));
    };
    // The end of a membership is stored, so a store that is away keeps the session in the room.
    return this.ask(request, left, { onBusy: () => void this.standing.rooms.add(room) });
  }

  say({ room, form }: Request<'say'>): Asked {
    const [name, { username }] = [this.roomName(room), this.view];
    const decoration = form === 'plain' ? ' "as it stands' : (decorations[this.count % decorations.length] ?? '');
    const utterance = this.#utterance(name, `${this.mark} ${this.count}${decoration}`, undefined);
    const refusal = this.standing.authenticated ? 10 : 8;
    const check = this.standing.rooms.has(room) ? this.#stored(utterance) : this.#notStored(utterance, refusal);
    const onBusy = (): void => {
      utterance.outcome = 'refused';
    };
    if (form === 'plain') return this.bare(`chatroom_message ${username} ${name} ${utterance.text}`, check, onBusy);
    return this.ask(
      { command: 'chatroom_message', username: this.username, room: name, message: utterance.text },
      check,
      { onBusy },
    );
  }

  /** §5.3: stored once, whoever of the user's sessions sends it and however often. */
  sayKeyed(step: Request<'say_keyed'>): Asked {
    const { room, key: keyNumber, variant } = step;
    const [name, key] = [this.roomName(room), keys[keyNumber] ?? ''];
    const utterance = this.#utterance(name, keyedText(keyNumber, variant), key);
    const onBusy = (): void => {
      utterance.outcome = 'refused';
    };
    const request = { command: 'chatroom_message', username: this.username, room: name, message: utterance.text, key };
    if (!this.standing.authenticated) return this.ask(request, this.#notStored(utterance, 8), { again: step, onBusy });
    const joined = this.standing.rooms.has(room);
    return this.ask(
      request,
      (reply, newestBefore) => {
        if (reply.code === 1) this.#stored(utterance)(reply, newestBefore);
        else this.#notStored(utterance, ...(joined ? [18] : [10, 18]))(reply, newestBefore);
      },
      { again: step, onBusy },
    );
  }

  #utterance(room: string, said: string, key: string | undefined): Utterance {
    const { username } = this.view;
    const utterance: Utterance = { room: fold(room), username, text: said, key, outcome: 'unknown', id: 0 };
    this.chronicle.utterances.push(utterance);
    return utterance;
  }

  #stored(utterance: Utterance): Check {
    return (reply) => {
      assert.equal(reply.code, 1);
      const [room, id, prev] = [text(reply, 'room'), integer(reply, 'id'), integer(reply, 'prev')];
      const duplicate = reply.body['duplicate'] === true;
      assert.equal(fold(room), utterance.room);
      assert.equal(prev, id - 1);
      this.chronicle.spelled(room);
      if (!duplicate) this.view.follow(room, id, prev);
      // The first of a key was shown, or told, before its duplicates are answered: a client's last id stays true
      // (§4.3).
      const last = this.view.rooms.get(utterance.room)?.last ?? id;
      assert.ok(id <= last, `a duplicate is answered with ${id} after ${last}`);
      utterance.outcome = duplicate ? 'duplicate' : 'stored';
      utterance.id = id;
      this.chronicle.shown(room, id, utterance);
      assert.ok(!duplicate || utterance.key !== undefined, 'a duplicate without a key');
    };
  }

  #notStored(utterance: Utterance, ...codes: readonly number[]): Check {
    return (reply, newestBefore) => {
      hasCode(...codes)(reply, newestBefore);
      utterance.outcome = 'refused';
    };
  }

  history({ room, from, id, limit }: Omit<Request<'history'>, 'kind'>): Asked {
    const name = this.roomName(room);
    const request = { command: 'chatroom_history', room: name, limit, ...(from === 'newest' ? {} : { [from]: id }) };
    if (!this.standing.authenticated) return this.refused(request, 8);
    if (!this.standing.rooms.has(room)) return this.refused(request, 10);
    const asked = this.ask(request, (reply, newestBefore) => {
      assert.equal(reply.code, 1);
      const past = asked.expected?.past ?? [];
      const last = integer(reply, 'last');
      // Not older than the reply before this one, and nothing that was not shown.
      assert.ok(last >= (newestBefore.get(fold(name)) ?? 0), `last is ${last}: more was shown before`);
      assert.ok(last <= (this.view.rooms.get(fold(name))?.last ?? 0), `last is ${last}, which was not shown`);
      const [first, end] = page(from, id, limit, last);
      assert.deepEqual(
        past,
        Array.from({ length: Math.max(0, end - first + 1) }, (_, index) => first + index),
      );
      assert.equal(reply.body['count'], past.length);
      const [isBefore, isBehind] = [first > 1 && first <= end, end < last];
      assert.equal(
        reply.body['more'],
        { after: isBehind, before: isBefore, newest: isBefore, around: isBefore || isBehind }[from],
      );
    });
    return asked;
  }

  /** At every moment, and so at quiet ones: who is there is who came and did not leave (§4.2). */
  users(room: number): Asked {
    const name = this.roomName(room);
    const request = { command: 'list_users', room: name };
    if (!this.standing.authenticated) return this.refused(request, 8);
    if (!this.standing.rooms.has(room)) return this.refused(request, 10);
    return this.ask(request, (reply) => {
      assert.equal(reply.code, 1);
      const listed = reply.body['users'] as readonly { readonly username: string; readonly role: string }[];
      const present = this.view.rooms.get(fold(name))?.present ?? [];
      assert.deepEqual(listed.map(({ username }) => username).sort(), [...present].sort());
      for (const { username, role } of listed) if (role === 'owner') this.chronicle.ownedBy(name, username);
    });
  }
}

/** The first and the last id of a page of a room whose ids are 1 to `last`; the first is greater where it is empty. */
function page(from: Request<'history'>['from'], id: number, limit: number, last: number): readonly [number, number] {
  if (from === 'around') {
    // The middle one, and by turns one behind it and one before it, as far as there are some.
    let [first, end] = [Math.min(Math.max(id, 1), last), Math.min(Math.max(id, 1), last)];
    if (last === 0) return [1, 0];
    for (let isBehind = true; end - first + 1 < Math.min(limit, last); isBehind = !isBehind) {
      if (end < last && (isBehind || first === 1)) end += 1;
      else if (first > 1) first -= 1;
    }
    return [first, end];
  }
  if (from === 'after') return [id + 1, Math.min(id + limit, last)];
  const end = from === 'before' ? Math.min(id - 1, last) : last;
  return [Math.max(1, end - limit + 1), end];
}
