// Turns a commit into lines in the outboxes. For each log that somebody here reads, the lines are encoded once for each
// format that its members read, into one Buffer that they share. A member who wrote in the batch gets slices of it,
// with the replies in the places of its own messages (PROTOCOL.md §4.3). Messages that another process stored are shown
// in the same way.
import { isConversation } from '../store/conversations.js';
import { maxEdits, maxReaction, type Commit, type LogId, type Messages, type Outcome } from '../store/log.js';
import { encodeRefusal } from '../wire/encode.js';
import { messageReply } from '../wire/post-replies.js';
import { code, type Code } from '../wire/generated/codes.js';
import { PerFormat } from '../wire/format.js';
import { refusal } from '../wire/refusal.js';
import { say, type Sentence } from '../wire/words.js';
import { MessageEncoder, type EncodedMessages } from './encode-messages.js';
import { isOfRoom, type Post } from './post.js';
import type { PrivateDelivery } from './private-delivery.js';
import type { Conversation, Listener } from './conversation.js';
import type { Member } from './member.js';

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
  /** Encoded once for each format in which a member reads. */
  readonly lines: PerFormat<EncodedMessages>;
}

/** Shows committed messages to everyone whom they concern, and answers those who sent them. */
export class Delivery {
  readonly #conversationOf: (log: LogId) => Conversation | undefined;
  readonly #counters: DeliveryCounters;
  readonly #privately: PrivateDelivery | undefined;

  /**
   * @param conversationOf the conversation of a log, if somebody here reads it
   * @param privately shows private messages; undefined where there are none
   */
  constructor(
    conversationOf: (log: LogId) => Conversation | undefined,
    counters: DeliveryCounters,
    privately?: PrivateDelivery,
  ) {
    this.#conversationOf = conversationOf;
    this.#counters = counters;
    this.#privately = privately;
  }

  /** As `LogListener.committed`. */
  committed({ stored, mine, outcomes, ids }: Pick<Commit<Post>, 'stored' | 'mine' | 'outcomes' | 'ids'>): void {
    this.#count(mine, outcomes);
    const shown = this.#encode(stored);
    this.#privately?.begin(stored);
    for (const [place, post] of mine.entries()) {
      this.#answer(post, outcomes[place] ?? 'failed', ids[place] ?? 0, shown.get(post.log));
    }
    for (const each of shown.values()) this.#showRest(each);
    this.#privately?.end();
    this.#settle(mine);
  }

  /** As `LogListener.failed`: answers the speakers of a batch that was not stored. Nobody saw anything of it. */
  failed(posts: readonly Post[]): void {
    this.#count(posts, new Array<Outcome>(posts.length).fill('failed'));
    for (const post of posts) {
      if (post.member !== undefined) post.member.pending -= 1;
      post.speaker.output.reply(refused('failed', post));
      post.tellOutcome?.(false);
    }
    this.#settle(posts);
  }

  #count(posts: readonly Post[], outcomes: readonly Outcome[]): void {
    let [stored, said] = [0, 0];
    for (const [place, outcome] of outcomes.entries()) {
      if (outcome === 'stored') stored += 1;
      const { command } = posts[place] ?? { command: 'chatroom_message' };
      // Most are these: they are counted at once.
      if (outcome === 'stored' && command === 'chatroom_message') said += 1;
      else this.#counters.reply(command, codeOf(outcome), 1);
    }
    this.#counters.messages += stored;
    if (said > 0) this.#counters.reply('chatroom_message', code.ok, said);
  }

  /**
   * Runs last, so that what these tell comes after the batch: an evicted member leaves the room, and a speaker goes on,
   * and may leave. Members come first, because a speaker that goes on may join the room again.
   */
  #settle(posts: readonly Post[]): void {
    for (const post of posts) {
      post.member?.settled();
      if (isConversation(post.log)) this.#privately?.settled(post);
    }
    for (const { speaker } of posts) speaker.settled();
  }

  #encode(stored: readonly Messages[]): ReadonlyMap<LogId, Shown> {
    const shown = new Map<LogId, Shown>();
    const encoder = new MessageEncoder();
    for (const messages of stored) {
      const conversation = this.#conversationOf(messages.log);
      if (conversation === undefined || conversation.members.size === 0) continue;
      conversation.tellNews(messages.authors);
      const lines = new PerFormat((format) => encoder.encode(conversation.shape, [messages], format));
      shown.set(messages.log, { conversation, messages, lines });
    }
    return shown;
  }

  #answer(post: Post, outcome: Outcome, id: number, shown: Shown | undefined): void {
    const { member, speaker, room, ref, command } = post;
    if (member !== undefined) {
      member.pending -= 1;
      if (shown !== undefined) this.#catchUp(member, outcome, id - shown.messages.first, shown);
    }
    if (outcome !== 'stored' && outcome !== 'duplicate') speaker.output.reply(refused(outcome, post));
    else if (!isOfRoom(room)) this.#privately?.answer(post, outcome, id);
    else speaker.output.reply(messageReply(ref, room, id, outcome === 'duplicate', command, speaker.format));
    post.tellOutcome?.(outcome === 'stored');
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
  #hand(member: Listener, { messages, lines }: Shown, from: number, upTo: number): void {
    if (from >= upTo || member.speaks.events === 'none') return;
    this.#counters.lines += upTo - from;
    const { bytes, begins } = lines.in(member.speaks.format);
    const isAll = from === 0 && upTo === messages.authors.length;
    member.event(isAll ? bytes : bytes.subarray(begins[from], begins[upTo]));
  }
}

type Refused = Exclude<Outcome, 'stored' | 'duplicate'>;

/** The code's name, the sentence and the invalid field for each outcome of a message that is not stored. */
const refusals: Readonly<Record<Refused, readonly [name: keyof typeof code, error: Sentence, field?: string]>> = {
  failed: ['failed', say('not_stored')],
  conflict: ['conflict', say('key_used')],
  missing: ['not_found', say('re_not_in_room')],
  refused: ['not_permitted', say('not_yours_to_edit')],
  spent: ['not_permitted', say('too_many_edits', { times: maxEdits })],
  long: ['invalid_field', say('edited_reaction_too_long', { characters: maxReaction }), 'message'],
};

/** The refusal of a private message that is about none. */
const missingPrivately = ['not_found', say('re_not_in_conversation')] as const;

function refused(outcome: Refused, { room, ref, command, speaker }: Post): string {
  const isPrivate = !isOfRoom(room);
  const [name, error, field] = isPrivate && outcome === 'missing' ? missingPrivately : refusals[outcome];
  return encodeRefusal(
    refusal(name, error, { command, ref, ...(field === undefined ? {} : { field }) }),
    speaker.format,
  );
}

function codeOf(outcome: Outcome): Code {
  return outcome === 'stored' || outcome === 'duplicate' ? code.ok : code[refusals[outcome][0]];
}
