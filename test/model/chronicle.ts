// What a whole run knows of its rooms, put together from all that any session was shown or told. Whatever two sessions
// say of one id has to be the same (PROTOCOL.md §5.2), and what is stored in the end has to be the same again.
import assert from 'node:assert/strict';

export interface Message {
  readonly username: string;
  readonly text: string;
  /** Not known to a sender: its reply has none. */
  readonly time?: string;
}

/** One request to speak, and what became of it: `unknown` where the connection went before the reply came. */
export interface Utterance {
  readonly room: string;
  readonly username: string;
  readonly text: string;
  readonly key: string | undefined;
  outcome: 'stored' | 'duplicate' | 'refused' | 'unknown';
  id: number;
}

/** Room names compare folded (PROTOCOL.md §5.5); here they are of ASCII. */
export function fold(room: string): string {
  return room.toLowerCase();
}

/** What holds of a run besides the contract. */
export interface Conditions {
  /** Whether messages come from other daemons and writers: their authors need not be present here. */
  readonly authorsElsewhere: boolean;
  /** Whether the store is away at times: any request may be answered 16 then. */
  readonly isAwayAtTimes: boolean;
}

/** One daemon, whose store nobody else writes into and that is always there. */
export const undisturbed: Conditions = { authorsElsewhere: false, isAwayAtTimes: false };

/** All that any session of a run was shown or told, and all that was said. */
export class Chronicle {
  readonly utterances: Utterance[] = [];
  /** How many requests were answered 16. */
  busyAnswers = 0;
  /** By folded room and id. */
  readonly #messages = new Map<string, Map<number, Message>>();
  readonly #names = new Map<string, string>();
  readonly #owners = new Map<string, string>();

  constructor(readonly conditions: Conditions) {}

  messages(room: string): ReadonlyMap<number, Message> {
    return this.#messages.get(fold(room)) ?? new Map<number, Message>();
  }

  /** Somebody was shown, or told of, this message. */
  shown(room: string, id: number, message: Message): void {
    let messages = this.#messages.get(fold(room));
    if (messages === undefined) {
      messages = new Map();
      this.#messages.set(fold(room), messages);
    }
    const known = messages.get(id);
    if (known !== undefined) {
      const [now, before] = [
        [message.username, message.text],
        [known.username, known.text],
      ];
      assert.deepEqual(now, before, `${room} ${id} is shown as two messages`);
      const timed = message.time !== undefined && known.time !== undefined;
      if (timed) assert.equal(message.time, known.time, `${room} ${id} has two times`);
    }
    messages.set(id, { ...known, ...message });
  }

  /** A room's name is always spelled as it was first written (§5.5). */
  spelled(room: string): void {
    const name = this.#names.get(fold(room));
    if (name === undefined) this.#names.set(fold(room), room);
    else assert.equal(room, name, 'a room has two spellings');
  }

  /** A room has one owner, who came first (§7). */
  ownedBy(room: string, owner: string): void {
    const known = this.#owners.get(fold(room));
    if (known === undefined) this.#owners.set(fold(room), owner);
    else assert.equal(owner, known, `${room} has two owners`);
  }

  /** Compares a room's full history, oldest first, with all that was said and shown (§5.1, §5.3). */
  check(room: string, history: readonly (Message & { readonly id: number })[]): void {
    const stored = new Map<string, number>();
    for (const [index, message] of history.entries()) {
      assert.equal(message.id, index + 1, `ids in ${room} are not dense`);
      this.shown(room, message.id, message);
      const text = `${message.username} ${message.text}`;
      assert.ok(!stored.has(text), `${room} has "${text}" twice`);
      stored.set(text, message.id);
    }
    assert.equal(this.messages(room).size, history.length, `something was shown in ${room} that is not stored`);

    const said = new Set<string>();
    const keys = new Map<string, number>();
    for (const utterance of this.utterances.filter((each) => each.room === fold(room))) {
      const { username, text, key, outcome } = utterance;
      const id = stored.get(`${username} ${text}`);
      said.add(`${username} ${text}`);
      const answered = outcome === 'stored' || outcome === 'duplicate';
      if (answered) assert.equal(id, utterance.id, `"${text}" was answered with another id`);
      if (outcome === 'refused' && key === undefined) assert.equal(id, undefined, `"${text}" was refused and stored`);
      if (key === undefined || id === undefined) continue;
      const known = keys.get(`${username} ${key}`);
      assert.ok(known === undefined || known === id, `key ${key} of ${username} is two messages`);
      keys.set(`${username} ${key}`, id);
    }
    for (const text of stored.keys()) assert.ok(said.has(text), `${room} has "${text}", which nobody said`);
  }
}
