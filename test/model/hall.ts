// Plays a scenario of the community: the warden rules its room while the guests do as they like, and nobody waits.
import assert from 'node:assert/strict';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Client } from '../support/client.js';
import type { Community } from './community.js';
import type { CommunityStage } from './community-stage.js';
import { Deeds } from './deeds.js';
import type { Guest } from './guest.js';
import { users } from './scenario.js';

const kindsOfUser = [
  ...(['muted', 'muted', 'muted', 'member', 'moderator', 'kick', 'kick'] as const),
  ...(['ban', 'ban', 'unban', 'unban', 'unban', 'invite'] as const),
] as const;
type OfUser = (typeof kindsOfUser)[number];
const ofGuest = [
  ...(['join', 'join', 'join', 'rejoin', 'rejoin', 'newest', 'leave', 'history', 'page', 'page'] as const),
  ...(['say', 'say', 'say', 'say', 'edit', 'edit', 'reply', 'post', 'post', 'delete', 'delete'] as const),
  ...(['keyed', 'keyed', 'keyed', 'keyed', 'keyed post', 'keyed post', 'reconnect', 'lose', 'lose'] as const),
  ...(['tell', 'tell', 'keyed tell', 'keyed tell', 'look back', 'take back', 'block', 'unblock'] as const),
] as const;

/** One step. `nth` chooses among the newest messages. */
export type Step =
  | { readonly kind: OfUser; readonly user: number }
  | { readonly kind: 'moderated' | 'members_only' | 'slow'; readonly on: boolean }
  | { readonly kind: 'keep'; readonly keep: number }
  | { readonly kind: 'trim'; readonly most: number }
  | { readonly kind: 'announce' | 'settle' }
  | { readonly kind: 'guest'; readonly does: (typeof ofGuest)[number]; readonly guest: number; readonly nth: number }
  | { readonly kind: 'pause'; readonly turns: number };

type OfGuest = Extract<Step, { readonly kind: 'guest' }>;

/** Of two keys; one of them is sometimes used for another message. */
const keyOf = (nth: number): { readonly key: number; readonly variant: number } => ({
  key: nth % 2,
  variant: nth >= 7 ? 1 : 0,
});

const user = fc.nat({ max: users.length - 1 });
const ofUser = fc.constantFrom(...kindsOfUser);

/** A step of a scenario. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: ofUser, user }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('moderated'), on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('members_only'), on: fc.constantFrom(true, true, false) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('slow'), on: fc.constantFrom(true, false, false) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep'), keep: fc.constantFrom(0, 1, 3, 6) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('trim'), most: fc.constantFrom(1, 2, 50) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('announce', 'settle', 'settle') }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant('guest'),
      does: fc.constantFrom(...ofGuest),
      guest: fc.nat({ max: 5 }),
      nth: fc.nat({ max: 8 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('pause'), turns: fc.nat({ max: 6 }) }) },
);

/** The room, and all who are about. */
export class Hall {
  readonly deeds: Deeds;
  readonly #trims: Promise<void>[] = [];
  #failure: Error | undefined;
  /** Connections whose end is awaited. */
  readonly #leaving = new Set<Client>();
  /** Set once the clients are to end. */
  isClosing = false;

  /**
   * @param sessions the warden's first
   * @param enter makes another connection for a session, and logs in
   */
  constructor(
    readonly stage: CommunityStage,
    readonly community: Community,
    readonly sessions: readonly [Guest, ...Guest[]],
    readonly enter: (session: Guest) => Promise<Client>,
  ) {
    this.deeds = new Deeds(community, sessions);
    for (const each of sessions) void this.#read(each);
  }

  async #read(session: Guest): Promise<void> {
    const { client } = session;
    try {
      for (;;) {
        const line = await client.next();
        // Of a connection that was torn down nothing more is read.
        if (client !== session.client) return;
        session.take(line);
      }
    } catch (error) {
      const isAwaited = this.isClosing || this.#leaving.has(client) || client !== session.client;
      if (!isAwaited) this.#failure ??= error as Error;
    }
  }

  /**
   * Has a session come back on another connection, as a careful client does: by its token, after what it has read, and
   * it sends again what had a key, before or after it joins.
   */
  async #reconnect(guest: Guest, isLost: boolean, isHasty: boolean): Promise<void> {
    const { client } = guest;
    this.#leaving.add(client);
    if (!isLost || !guest.mayBeLost) {
      client.end();
      await client.closed;
      await this.until('all that had been sent is answered', () => guest.asked.length === 0);
    } else client.destroy();
    const last = guest.reconnected(await this.enter(guest));
    void this.#read(guest);
    const again = guest.again.splice(0);
    if (isHasty) for (const each of again) each();
    if (last !== undefined) this.deeds.join(guest, { after: last });
    if (!isHasty) for (const each of again) each();
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Fulfils when that holds. */
  async until(what: string, holds: () => boolean, more: () => unknown = () => ''): Promise<void> {
    const end = performance.now() + 20_000;
    while (!holds()) {
      this.check();
      assert.ok(performance.now() < end, `waited in vain until ${what}: ${String(more())}`);
      await sleep(1);
    }
    this.check();
  }

  /** Fulfils when all is answered. */
  async settled(of: readonly Guest[] = this.sessions): Promise<void> {
    await this.until('all is answered', () => of.every(({ asked }) => asked.length === 0));
    await Promise.all(this.#trims.splice(0));
  }

  async play(steps: readonly Step[]): Promise<void> {
    const [warden, ...guests] = this.sessions;
    // Who comes first owns the room.
    this.deeds.join(warden);
    await this.settled();
    this.#set({ keep_messages: 8 });
    for (const each of guests) this.deeds.join(each);
    for (const each of steps) {
      this.check();
      if (each.kind === 'pause') {
        for (let count = 0; count < each.turns; count += 1) await turn();
      } else if (each.kind === 'settle') await this.settled([warden]);
      else if (each.kind === 'announce') this.deeds.say(warden, 'chatroom_message');
      else if (each.kind === 'guest' && (each.does === 'reconnect' || each.does === 'lose')) await this.#back(each);
      else if (each.kind === 'guest') this.#guestDoes(each);
      else if ('most' in each) this.#trims.push(this.#trim(each.most));
      else if ('keep' in each) this.#set({ keep_messages: each.keep });
      else if ('on' in each) {
        this.#switch(each.kind, each.on);
        if (each.kind === 'slow' && each.on) await this.#speakSlowly();
      } else if ('user' in each) this.#rule(users[each.user] ?? '', each.kind);
    }
    await this.settled();
  }

  #switch(kind: 'moderated' | 'members_only' | 'slow', on: boolean): void {
    const { isModerated, isMembersOnly, isSlow } = this.community;
    const settle = { moderated: isModerated, members_only: isMembersOnly, slow: isSlow }[kind].change(this.sessions[0]);
    this.#set(kind === 'slow' ? { slow_seconds: on ? 3600 : 0 } : { [kind]: on }, () => {
      settle(() => on);
    });
  }

  /** All use up what `slow_seconds` allows. */
  async #speakSlowly(): Promise<void> {
    await this.settled([this.sessions[0]]);
    for (const [at, each] of this.sessions.entries())
      this.deeds.say(each, each.edition === 2 && at % 2 === 1 ? 'post_message' : 'chatroom_message');
    await this.settled();
  }

  /**
   * A session goes and comes back. Where its connection is lost, a message with a key is on its way, or just arrived.
   */
  async #back({ does, guest: number, nth }: OfGuest): Promise<void> {
    const guest = this.sessions[number % this.sessions.length];
    if (guest === undefined || guest === this.sessions[0]) return;
    if (does === 'lose') {
      this.deeds.say(guest, 'chatroom_message', {}, keyOf(nth));
      for (let count = 0; count < nth % 3; count += 1) await turn();
    }
    await this.#reconnect(guest, does === 'lose', nth % 4 < 2);
  }

  #set(settings: object, done?: () => void): void {
    this.sessions[0].send({ command: 'set_chatroom', room: this.community.name, ...settings }, [1], done);
  }

  /** Trims as the store's own rounds do. */
  async #trim(most: number): Promise<void> {
    const { room, name } = this.community;
    room.floor = Math.max(room.floor, await this.stage.trim(name, most));
  }

  /** What the warden does to a user. */
  #rule(name: string, kind: OfUser): void {
    const [warden] = this.sessions;
    const standing = this.community.standing(name);
    const about = { room: this.community.name, user: name };
    if (kind === 'kick') {
      warden.send({ command: 'kick_user', ...about }, [1, 11], ({ code }) => {
        if (code === 1) this.deeds.out(name);
      });
    } else if (kind === 'invite') {
      standing.mayEnter();
      warden.mayMiss.add(this.community.conversation(warden.user, name));
      warden.send({ command: 'invite_user', ...about }, [1, 12]);
    } else if (kind === 'unban') {
      const settle = standing.isBanned.change(warden);
      warden.send({ command: 'unban_user', ...about }, [1, 11], () => {
        settle(() => false);
      });
    } else if (kind === 'ban') {
      const [banned, lowered] = [standing.isBanned.change(warden), standing.role.change(warden)];
      warden.send({ command: 'ban_user', ...about }, [1], () => {
        banned(() => true);
        lowered((before) => (before === 'moderator' ? 'member' : before));
        if (standing.isBanned.known === true) this.deeds.out(name);
      });
    } else {
      const settle = standing.role.change(warden);
      // A banned user gets no rank.
      const codes = kind === 'moderator' ? [1, 12] : [1];
      warden.send({ command: 'set_role', ...about, role: kind }, codes, ({ code }) => {
        settle((before) => (code === 1 ? kind : before));
      });
    }
  }

  #guestDoes({ does, guest: number, nth }: OfGuest): void {
    const { deeds, community } = this;
    const guest = this.sessions[number % this.sessions.length];
    if (guest === undefined) return;
    const isWarden = guest === this.sessions[0];
    // The warden stays, and a session of the first edition does nothing that makes it one of the second.
    if (isWarden && (does === 'join' || does === 'rejoin' || does === 'newest' || does === 'leave')) return;
    const others = [...new Set(this.sessions.map(({ user: name }) => name))].filter((name) => name !== guest.user);
    const other = others[nth % others.length] ?? '';
    const log = community.conversation(guest.user, other);
    if (does === 'join') deeds.join(guest);
    else if (does === 'rejoin') deeds.join(guest, { after: nth % 2 === 0 ? 0 : recent(community.room.known, nth) });
    else if (does === 'leave') deeds.leave(guest);
    else if (does === 'say') deeds.say(guest, 'chatroom_message');
    else if (does === 'keyed') deeds.say(guest, 'chatroom_message', {}, keyOf(nth));
    else if (does === 'history') deeds.history(guest, undefined);
    else if (does === 'page') deeds.history(guest, Math.max(0, recent(community.room.known, nth) - 3));
    else if (guest.edition === 1) deeds.say(guest, 'chatroom_message');
    else if (does === 'newest') deeds.join(guest, { newest: 3 });
    else if (does === 'keyed post') deeds.say(guest, 'post_message', {}, keyOf(nth));
    else if (does === 'post') deeds.say(guest, 'post_message');
    else if (does === 'tell') deeds.tell(guest, other);
    else if (does === 'keyed tell') this.#tellAgain(guest, others[0] ?? '', nth);
    else if (does === 'look back') deeds.directHistory(guest, other, Math.max(0, recent(log.known, nth) - 3));
    else if (does === 'take back') deeds.deleteDirect(guest, other, recent(log.known, nth));
    else if (does === 'block' || does === 'unblock') deeds.block(guest, other, does === 'block');
    else {
      const re = recent(community.room.known, nth);
      if (re === 0) deeds.say(guest, 'chatroom_message');
      else if (does === 'delete') deeds.delete(guest, re);
      else deeds.say(guest, nth % 3 === 0 ? 'post_message' : 'chatroom_message', { kind: does, re });
    }
  }

  /** To one user alone, and twice: a key that nobody uses again shows nothing. That user may block the guest. */
  #tellAgain(guest: Guest, to: string, nth: number): void {
    const { deeds, sessions } = this;
    const { key, variant } = keyOf(nth);
    const blocker = sessions.find(({ user: name, edition }) => name === to && edition === 2);
    if (blocker !== undefined && nth % 3 > 0) deeds.block(blocker, guest.user, nth % 3 === 1);
    deeds.tellAgain(guest, to, { key, variant: 0 }, nth % 4 === 0);
    deeds.tell(guest, to, { key, variant });
  }

  /** It gets quiet: then all have seen the same, and what is stored is what was answered. */
  async end(): Promise<void> {
    const { community, deeds, sessions } = this;
    const { room } = community;
    const [warden] = sessions;
    const second = sessions.filter(({ edition }) => edition === 2);
    for (const one of second)
      for (const other of new Set(sessions.map(({ user: name }) => name)))
        if (other !== one.user && community.blocks(one.user, other).known !== false) deeds.block(one, other, false);
    this.#switch('slow', false);
    deeds.say(warden, 'chatroom_message');
    await this.settled();
    const last = (): number => Math.max(...room.known.keys());
    const arrived = ({ following }: Guest): boolean => (following.get(room)?.last ?? last()) === last();
    await this.until('all have read the newest message', () => sessions.every(arrived));
    const untold = (): readonly string[] =>
      second.flatMap((each) => {
        const live = each.following.get(room)?.live ?? new Set();
        const ids = room.deletions.filter((id) => live.has(id) && !each.seesDeleted(room, id));
        return ids.map((id) => `${each.user} of ${id}`);
      });
    await this.until('all who saw a message are told that it is deleted', () => untold().length === 0, untold);
    deeds.history(warden, 0, 1000);
    const [asked] = warden.asked;
    await this.settled();
    // The daemon trims too.
    await this.#trim(0);
    room.check(asked?.past ?? [], last(), this.stage.isAlone);
    for (const log of community.conversations.values()) {
      const [one = '', other = ''] = log.name.split(' ');
      const reader = second.find(({ user: name }) => name === one);
      if (reader === undefined) continue;
      deeds.directHistory(reader, other, 0, 1000);
      const [question] = reader.asked;
      await this.settled();
      log.check(question?.past ?? [], question?.at ?? 0, true);
    }
    for (const keyed of community.allKeyed) keyed.check();
  }
}

/** The id of one of the newest messages; 0 where there is none. */
function recent(known: ReadonlyMap<number, unknown>, nth: number): number {
  const ids = [...known.keys()].sort((a, b) => b - a);
  return ids[nth % Math.max(1, ids.length)] ?? 0;
}
