// A commit → the outboxes. For each log that somebody here reads the lines are encoded once into one Buffer that all members
// share; whoever spoke gets slices of it, with the replies standing where its own messages are (PROTOCOL.md §4.3). Messages
// that another process stored are shown in the same way.
import type { Commit, LogId, Messages, Outcome } from '../store/log.js';
import { encodeRefusal, messageReply } from '../wire/encode.js';
import { code } from '../wire/generated/codes.js';
import { MessageLines } from '../wire/message-lines.js';
import { refusal } from '../wire/refusal.js';
import { MessageEncoder } from './encode-messages.js';
import type { Post } from './post.js';
import type { Conversation, Member } from './room.js';

/** What deliveries are counted in (metrics/counters.ts). */
export interface DeliveryCounters {
  /** Messages of this process that were stored. */
  messages: number;
  /** Lines of messages that were handed to members other than their speakers. */
  lines: number;
  reply(command: string, code: number, by: number): void;
}

/** What a commit brought to one conversation, and its lines. */
interface Shown {
  readonly conversation: Conversation;
  readonly messages: Messages;
  readonly bytes: Buffer;
  /** Where each message's line begins in the bytes. */
  readonly begins: readonly number[];
}

/** Shows committed messages to everyone whom they concern, and answers those who sent them. */
export class Delivery {
  readonly #conversationOf: (log: LogId) => Conversation | undefined;
  readonly #counters: DeliveryCounters;

  /** @param conversationOf what somebody here reads of a log, if anything */
  constructor(conversationOf: (log: LogId) => Conversation | undefined, counters: DeliveryCounters) {
    this.#conversationOf = conversationOf;
    this.#counters = counters;
  }

  /** As `LogListener.committed`. */
  committed({ stored, mine, outcomes, ids }: Pick<Commit<Post>, 'stored' | 'mine' | 'outcomes' | 'ids'>): void {
    this.#count(outcomes);
    const shown = this.#encode(stored);
    for (const [place, post] of mine.entries()) {
      this.#answer(post, outcomes[place] ?? 'failed', ids[place] ?? 0, shown.get(post.log));
    }
    for (const each of shown.values()) this.#showRest(each);
    settle(mine);
  }

  /** As `LogListener.failed`: answers the speakers of a batch that was not stored. Nobody saw anything of it. */
  failed(posts: readonly Post[]): void {
    this.#counters.reply('chatroom_message', code.failed, posts.length);
    for (const { member, speaker, ref } of posts) {
      if (member !== undefined) member.pending -= 1;
      speaker.output.reply(notStored(ref));
    }
    settle(posts);
  }

  #count(outcomes: readonly Outcome[]): void {
    let [stored, conflicts, failures] = [0, 0, 0];
    for (const outcome of outcomes) {
      if (outcome === 'stored') stored += 1;
      else if (outcome === 'conflict') conflicts += 1;
      else if (outcome === 'failed') failures += 1;
    }
    this.#counters.messages += stored;
    const successes = outcomes.length - conflicts - failures;
    if (successes > 0) this.#counters.reply('chatroom_message', code.ok, successes);
    if (conflicts > 0) this.#counters.reply('chatroom_message', code.conflict, conflicts);
    if (failures > 0) this.#counters.reply('chatroom_message', code.failed, failures);
  }

  #encode(stored: readonly Messages[]): ReadonlyMap<LogId, Shown> {
    const shown = new Map<LogId, Shown>();
    const encoder = new MessageEncoder();
    for (const messages of stored) {
      const conversation = this.#conversationOf(messages.log);
      if (conversation === undefined || conversation.members.size === 0) continue;
      const lines = new MessageLines(conversation.lineHead);
      encoder.add(lines, messages);
      shown.set(messages.log, { conversation, messages, bytes: lines.toBuffer(), begins: lines.begins });
    }
    return shown;
  }

  #answer({ member, speaker, room, ref }: Post, outcome: Outcome, id: number, shown: Shown | undefined): void {
    if (member !== undefined) {
      member.pending -= 1;
      if (shown !== undefined) this.#catchUp(member, outcome, id - shown.messages.first, shown);
    }
    if (outcome === 'failed') speaker.output.reply(notStored(ref));
    else if (outcome === 'conflict') speaker.output.reply(conflicting(ref));
    else speaker.output.reply(messageReply(ref, room.json, id, outcome === 'duplicate'));
  }

  /**
   * Sends the speaker the lines that have to stand before the reply: those of the room with smaller ids (PROTOCOL.md
   * §4.3). The line of its own message it does not get. The first of a duplicate may be in this very commit, from
   * another session: then that one's line stands before the reply too.
   */
  #catchUp(member: Member, outcome: Outcome, place: number, shown: Shown): void {
    const isShownNow = place >= member.cursor && place < shown.messages.authors.length;
    if (!isShownNow || (outcome !== 'stored' && outcome !== 'duplicate')) return;
    this.#hand(member, shown, member.cursor, outcome === 'stored' ? place : place + 1);
    member.cursor = place + 1;
  }

  /** Shows a member what it has not got of the lines. One that was put out hears only what stood before its last reply. */
  #showRest(shown: Shown): void {
    const { authors } = shown.messages;
    for (const member of shown.conversation.members) {
      const { cursor } = member;
      member.cursor = 0;
      if (!member.deaf) this.#hand(member, shown, cursor, authors.length);
    }
  }

  /** Hands the member the lines from one place to another, that one not included. */
  #hand(member: Member, { messages, bytes, begins }: Shown, from: number, upTo: number): void {
    if (from >= upTo) return;
    this.#counters.lines += upTo - from;
    const isAll = from === 0 && upTo === messages.authors.length;
    member.event(isAll ? bytes : bytes.subarray(begins[from], begins[upTo]));
  }
}

function notStored(ref: Post['ref']): string {
  return encodeRefusal(refusal('failed', 'the message could not be stored', { command: 'chatroom_message', ref }));
}

function conflicting(ref: Post['ref']): string {
  return encodeRefusal(
    refusal('conflict', 'this key was used for another message', { command: 'chatroom_message', ref }),
  );
}

/**
 * Last of all: a member that was put out leaves, and a speaker that goes on may leave, and what they are told then
 * comes after the batch. Members first: a speaker that goes on may join the room again.
 */
function settle(posts: readonly Post[]): void {
  for (const { member } of posts) member?.settled();
  for (const { speaker } of posts) speaker.settled();
}
