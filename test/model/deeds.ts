// What the guests of the community do: each request, what it may be answered, and what follows from the answer.
import assert from 'node:assert/strict';
import { warden, type Community } from './community.js';
import type { Asked, Guest, Never } from './guest.js';
import type { Ledger } from './ledger.js';

/** How many messages a page of history has. */
const limit = 5;

interface Marks {
  readonly kind?: string;
  readonly re?: number;
}

/** The key of a message: with the same key and variant it is the same message. */
interface Key {
  readonly key: number;
  readonly variant: number;
}

const nothing = (): void => undefined;

/** Makes the requests of guests. */
export class Deeds {
  #texts = 0;

  /** @param guests all sessions, those of the warden included */
  constructor(
    readonly community: Community,
    readonly guests: readonly Guest[],
  ) {}

  get #room(): string {
    return this.community.name;
  }

  join(guest: Guest, from: { readonly after?: number; readonly newest?: number } = {}): void {
    const { community } = this;
    const isShutOut = community.isShutOut(guest.user);
    guest.isOut = false;
    const standing = community.standing(guest.user);
    const { mayBeMember } = standing;
    standing.mayEnter();
    const { entries } = standing;
    const request = { command: 'join_chatroom', username: guest.user, room: this.#room, ...from };
    const done: Asked['done'] = ({ code, body }, asked) => {
      const last = Number(body['last']);
      const known = guest.following.get(community.room);
      // It is as it was, unless something else has let the user in.
      if (code === 12 && standing.entries === entries) standing.mayBeMember &&= mayBeMember;
      if (code !== 1) return;
      if (known === undefined) {
        guest.reached(asked, last);
        guest.entered(last);
      } else assert.deepEqual([last, asked.past.length], [known.last, 0], 'joining again replays');
    };
    guest.send(request, [1, 12], done, { reads: community.room, never: this.#never(isShutOut, guest) });
  }

  leave(guest: Guest): void {
    const request = { command: 'leave_chatroom', username: guest.user, room: this.#room };
    guest.send(request, guest.isOut ? [10] : [1, 10], ({ code }) => {
      if (code === 1) guest.following.delete(this.community.room);
    });
    guest.isOut = true;
  }

  /** Speaks in the room, as who is in it or by post_message. */
  say(guest: Guest, by: 'chatroom_message' | 'post_message', marks: Marks = {}, key?: Key): void {
    const { community } = this;
    const { room } = community;
    const { user } = guest;
    const message = key === undefined ? `${user} ${(this.#texts += 1)}` : `${user} key ${key.key} ${key.variant}`;
    const keyed = key && community.keyed.send(user, `key ${key.key}`, message);
    const known = room.known.get(marks.re ?? 0);
    // An edit of another's message, or of one that is deleted, is refused for sure.
    const isWrong =
      marks.kind === 'edit' && known !== undefined && (known.author !== user || room.isDeleted(marks.re ?? 0));
    const isRefused = community.isSilenced(user) || (by === 'post_message' && community.isShutOut(user));
    const codes = [...(isWrong ? [] : [1]), ...(by === 'post_message' ? [11] : [10]), 12, 14];
    if (marks.re !== undefined) codes.push(11);
    if (key !== undefined) codes.push(18);
    const request = { command: by, ...(by === 'post_message' ? {} : { username: user }), room: this.#room, message };
    const isOut = guest.isOut && by === 'chatroom_message';
    const spoke = this.#speaks(user);
    const done: Asked['done'] = (reply) => {
      const { code, body } = reply;
      const isStored = code === 1 && body['duplicate'] !== true;
      if (keyed !== undefined) community.keyed.answered(keyed, reply);
      else if (code !== 1) room.refused.add(message);
      if (!isStored) return;
      spoke();
      if (guest.isIn) guest.follow(room, body, undefined);
      room.stored(Number(body['id']), { author: user, text: message, ...marks });
    };
    const never = this.#never(isRefused || isOut, guest);
    const nevers = this.#slowly(user);
    const isLost = (): void => {
      room.unanswered.add(message);
      if (key !== undefined) guest.again.push(() => this.say(guest, by, marks, key));
    };
    guest.send(
      { ...request, ...marks, ...(keyed && { key: keyed.key }) },
      isOut ? [10, ...(key === undefined ? [] : [1, 18])] : codes,
      done,
      { nevers: never === undefined ? nevers : [...nevers, { ...never, unlessDuplicate: true }], isLost },
    );
  }

  /** The user sends a message. What is answered is to be called when it is stored. */
  #speaks(user: string): () => void {
    const { isSlow } = this.community;
    const standing = this.community.standing(user);
    const isKnown = isSlow.known === true;
    const { changes } = isSlow;
    if (changes > 0) standing.mayHaveSpoken = true;
    return () => {
      if (isKnown && isSlow.changes === changes) standing.hasSpoken = true;
    };
  }

  /** What `slow_seconds` rules out: a second message where it is set, and 14 where it is not. */
  #slowly(user: string): readonly Never[] {
    const { isSlow } = this.community;
    const { hasSpoken } = this.community.standing(user);
    const changes = (): number => isSlow.changes;
    if (isSlow.known === false) return [{ code: 14, changes }];
    return isSlow.known === true && hasSpoken ? [{ code: 1, changes, unlessDuplicate: true }] : [];
  }

  /** That nothing is answered 1 as long as what is known of the user in the room does not change. */
  #never(isRefused: boolean, { user }: Guest): Never | undefined {
    return isRefused ? { code: 1, changes: () => this.community.changesFor(user) } : undefined;
  }

  history(guest: Guest, after: number | undefined, most = limit): void {
    const { room } = this.community;
    const request = { command: 'chatroom_history', room: this.#room, limit: most, after };
    guest.send(request, guest.isOut ? [10] : [1, 10], this.#page(guest, room), { reads: room, isLost: nothing });
  }

  /** What holds of a page: it has as many messages as it says, and reaches the newest where there are no more. */
  #page(guest: Guest, log: Ledger): Asked['done'] {
    return ({ code, body }, asked) => {
      if (code !== 1) return;
      assert.equal(body['count'], asked.past.length, `${guest.user}: messages of ${log.name}`);
      if (asked.request['after'] === undefined || body['more'] === false) guest.reached(asked, Number(body['last']));
    };
  }

  delete(guest: Guest, id: number): void {
    const { community } = this;
    const { room } = community;
    const author = room.known.get(id)?.author;
    const isOwn = author === guest.user;
    const isThere = id > room.floor;
    const codes = [...(isThere ? [1] : []), 10, 11, ...(isOwn ? [] : [12])];
    const done: Asked['done'] = ({ code }) => {
      if (code === 1) guest.knowDeleted(room, id);
    };
    const never = this.#never(!isOwn && community.isCommon(guest.user), guest);
    guest.send({ command: 'delete_message', room: this.#room, id }, guest.isOut ? [10] : codes, done, { never });
  }

  /** Writes to a user. */
  tell(guest: Guest, to: string, key?: Key): void {
    const { user } = guest;
    const { community } = this;
    const log = community.conversation(user, to);
    const text = key === undefined ? this.#privately(user, to, (this.#texts += 1)) : this.#keyedText(user, to, key);
    const keyed = key && community.keyedIn(log).send(user, `key ${community.name} ${key.key}`, text);
    const fact = community.blocks(to, user);
    const { known } = fact;
    const changes = (): number => fact.changes;
    // A key that is known is answered all the same.
    const never = known === undefined ? undefined : { code: known ? 1 : 12, changes, unlessDuplicate: true };
    const done: Asked['done'] = (reply) => {
      const { code, body } = reply;
      if (keyed !== undefined) community.keyedIn(log).answered(keyed, reply);
      else if (code !== 1) log.refused.add(text);
      if (code !== 1 || body['duplicate'] === true) return;
      guest.follow(log, body, undefined);
      log.stored(Number(body['id']), { author: user, text });
    };
    const isLost = (): void => {
      log.unanswered.add(text);
      if (key !== undefined) guest.again.push(() => this.tell(guest, to, key));
    };
    const request = { command: 'direct_message', to, message: text, ...(keyed && { key: keyed.key }) };
    guest.send(request, [1, 12, ...(key === undefined ? [] : [18])], done, { never, isLost });
  }

  /** Writes with a key that was used before, as a rule: after it has taken back what it wrote with it, or not. */
  tellAgain(guest: Guest, to: string, key: Key, takesBack: boolean): void {
    const log = this.community.conversation(guest.user, to);
    const id = log.repeatable.get(this.#keyedText(guest.user, to, key)) ?? 0;
    if (takesBack && id > 0) this.deleteDirect(guest, to, id);
    this.tell(guest, to, key);
  }

  #privately(user: string, to: string, what: string | number): string {
    return `${user} to ${to} ${this.community.name} ${what}`;
  }

  #keyedText(user: string, to: string, { key, variant }: Key): string {
    return this.#privately(user, to, `key ${key} ${variant}`);
  }

  directHistory(guest: Guest, other: string, after: number, most = limit): void {
    const log = this.community.conversation(guest.user, other);
    const request = { command: 'direct_history', with: other, after, limit: most };
    guest.send(request, [1], this.#page(guest, log), { reads: log, isLost: nothing });
  }

  deleteDirect(guest: Guest, other: string, id: number): void {
    const log = this.community.conversation(guest.user, other);
    const known = log.known.get(id);
    if (known === undefined) return;
    const codes = known.author === guest.user ? [1] : [12];
    guest.send({ command: 'delete_direct_message', with: other, id }, codes, ({ code }) => {
      if (code === 1) guest.knowDeleted(log, id);
    });
  }

  block(guest: Guest, other: string, on: boolean): void {
    const fact = this.community.blocks(guest.user, other);
    const settle = fact.change(guest);
    if (!on) for (const each of this.guests) if (each.user === guest.user) each.quiet.delete(other);
    guest.send({ command: on ? 'block_user' : 'unblock_user', user: other }, [1], () => {
      settle(() => on);
      // From here on nothing of it comes to this session, until somebody asks for it again.
      if (fact.known === true) guest.quiet.add(other);
    });
  }

  /** All sessions of the user that are not on their way into the room are out of it. */
  out(user: string): void {
    const sessions = this.guests.filter((each) => each.user === user);
    for (const each of sessions) if (!each.awaits('join_chatroom')) each.isOut = true;
    const mayEnter = sessions.some((each) => each.awaits('join_chatroom'));
    const isInvited = this.guests.some((each) => each.user === warden && each.awaits('invite_user'));
    if (!mayEnter && !isInvited) this.community.standing(user).mayBeMember = false;
  }
}
