// Turns a commit into lines in the outboxes. For each log that somebody here reads, the lines are encoded once into one
// Buffer that all members share. A member who wrote in the batch gets slices of it, with the replies in the places of
// its own messages (PROTOCOL.md §4.3). Messages that another process stored are shown in the same way.
import type { Commit, LogId, Messages, Outcome } from '../store/log.js';
import { encodeRefusal, messageReply } from '../wire/encode.js';
import { code } from '../wire/generated/codes.js';
import { MessageLines } from '../wire/message-lines.js';
import { refusal } from '../wire/refusal.js';
import { MessageEncoder } from './encode-messages.js';
import type { Post } from './post.js';
import type { Conversation, Member } from './room.js';

/** The counters that deliveries update (metrics/counters.ts). */
export interface DeliveryCounters {
  /** Messages of this process that were stored. */
  messages: number;
  /** Lines of messages that were handed to members other than their speakers. */
  lines: number;
  reply(command: string, code: number, by: number): void;
}

/** The messages of a commit to one conversation, and their lines. */
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

  /** @param conversationOf the conversation of a log, if somebody here reads it */
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
      conversation.tellNews(messages.authors);
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
   * §4.3). It does not get the line of its own message. Where the message is a duplicate of one that another session
   * sent in this very commit, that one's line comes before the reply too.
   */
  #catchUp(member: Member, outcome: Outcome, place: number, shown: Shown): void {
    const isShownNow = place >= member.cursor && place < shown.messages.authors.length;
    if (!isShownNow || (outcome !== 'stored' && outcome !== 'duplicate')) return;
    this.#hand(member, shown, member.cursor, outcome === 'stored' ? place : place + 1);
    member.cursor = place + 1;
  }

  /** Sends each member the lines that it has not got. An evicted one gets only the lines before its last reply. */
  #showRest(shown: Shown): void {
    const { authors } = shown.messages;
    for (const member of shown.conversation.members) {
      const { cursor } = member;
      member.cursor = 0;
      if (member.receivesEvents) this.#hand(member, shown, cursor, authors.length);
    }
  }

  /** Sends the member the lines from the place `from` up to `upTo`, which is not included. */
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
 * Runs last, so that what these tell comes after the batch: an evicted member leaves the room, and a speaker goes on,
 * and may leave. Members come first, because a speaker that goes on may join the room again.
 */
function settle(posts: readonly Post[]): void {
  for (const { member } of posts) member?.settled();
  for (const { speaker } of posts) speaker.settled();
}
