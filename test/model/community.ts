// The model of a community: one room with its warden and its guests, and the private conversations between all of them.
// It says what a request that is sent now may be answered, by what is known to be settled (facts.ts).
import { Fact } from './facts.js';
import { KeyedMessages } from './keyed.js';
import { Ledger } from './ledger.js';

/** The owner of the room. */
export const warden = 'warden';

/** What is known of a guest in the room. */
export class Standing {
  readonly role = new Fact<'member' | 'muted' | 'moderator'>('member');
  readonly isBanned = new Fact(false);
  /** Whether the guest may have been made a member, or have joined, since it was put out for sure. */
  mayBeMember = false;
  /** Whether it has sent messages since `slow_seconds` was first set, and one of them was stored while it was set. */
  mayHaveSpoken = false;
  hasSpoken = false;
  /** How many requests were sent that may have made the guest a member. */
  entries = 0;

  mayEnter(): void {
    this.mayBeMember = true;
    this.entries += 1;
  }
}

/** The room and the conversations as all know them. */
export class Community {
  readonly room: Ledger;
  readonly isModerated = new Fact(false);
  readonly isMembersOnly = new Fact(false);
  /** Whether one message an hour is taken from each user: far more than a scenario takes. */
  readonly isSlow = new Fact(false);
  readonly keyed: KeyedMessages;
  /** The keyed messages of this scenario in the conversations. */
  readonly #keyed = new Map<Ledger, KeyedMessages>();
  readonly #standings = new Map<string, Standing>();
  readonly #blocks = new Map<string, Fact<boolean>>();

  /**
   * @param name the room's
   * @param conversations those of all scenarios so far, by the names of both users
   */
  constructor(
    readonly name: string,
    readonly conversations: Map<string, Ledger>,
  ) {
    this.room = new Ledger(name);
    this.keyed = new KeyedMessages(this.room);
  }

  standing(user: string): Standing {
    let standing = this.#standings.get(user);
    if (standing === undefined) this.#standings.set(user, (standing = new Standing()));
    return standing;
  }

  /** Whether `user` blocks `other`. */
  blocks(user: string, other: string): Fact<boolean> {
    let fact = this.#blocks.get(`${user} ${other}`);
    if (fact === undefined) this.#blocks.set(`${user} ${other}`, (fact = new Fact(false)));
    return fact;
  }

  conversation(one: string, other: string): Ledger {
    const name = [one, other].sort().join(' ');
    let ledger = this.conversations.get(name);
    if (ledger === undefined) this.conversations.set(name, (ledger = new Ledger(name)));
    return ledger;
  }

  /** The keyed messages of a conversation. */
  keyedIn(conversation: Ledger): KeyedMessages {
    let keyed = this.#keyed.get(conversation);
    if (keyed === undefined) this.#keyed.set(conversation, (keyed = new KeyedMessages(conversation)));
    return keyed;
  }

  /** All keyed messages, of the room and of the conversations. */
  get allKeyed(): readonly KeyedMessages[] {
    return [this.keyed, ...this.#keyed.values()];
  }

  /** Counts what was sent that changes what the user may do in the room. */
  changesFor(user: string): number {
    const { role, isBanned, entries } = this.standing(user);
    return role.changes + isBanned.changes + entries + this.isModerated.changes + this.isMembersOnly.changes;
  }

  /** What is known of the user, for messages of failures. */
  describe(user: string): string {
    const { role, isBanned, mayBeMember } = this.standing(user);
    const [moderated, closed] = [this.isModerated.known, this.isMembersOnly.known];
    return JSON.stringify({ role: role.known, isBanned: isBanned.known, mayBeMember, moderated, closed });
  }

  /** Whether nothing that the user says from now on may be stored. */
  isSilenced(user: string): boolean {
    if (user === warden) return false;
    const { role, isBanned } = this.standing(user);
    const isQuiet = role.known === 'member' && this.isModerated.known === true;
    return isBanned.known === true || role.known === 'muted' || isQuiet;
  }

  /** Whether the user can't enter the room from now on. */
  isShutOut(user: string): boolean {
    if (user === warden) return false;
    const { role, isBanned, mayBeMember } = this.standing(user);
    const isStranger = (role.known === 'member' || role.known === 'muted') && !mayBeMember;
    return isBanned.known === true || (this.isMembersOnly.known === true && isStranger);
  }

  /** Whether the user can delete nothing but its own messages from now on. */
  isCommon(user: string): boolean {
    const { known } = this.standing(user).role;
    return user !== warden && (known === 'member' || known === 'muted');
  }
}
