// Shows private messages of a commit to the sessions of both users, and answers those who sent them (events 104). The
// lines of a conversation are encoded once, as those of a room are (delivery.ts).
import type { LogId, Messages, Outcome } from '../store/log.js';
import { isConversation } from '../store/conversations.js';
import { directReply, invitationReply } from '../wire/post-replies.js';
import { PerFormat } from '../wire/format.js';
import { directShape, MessageEncoder, type EncodedMessages, type Shape } from './encode-messages.js';
import { hearersOf, type Hearer } from './hearers.js';
import type { Post } from './post.js';
import type { Presence } from './presence.js';
import type { PrivateConversations } from './private-conversations.js';

/** A session that is shown messages, and how many of a commit's lines it has got, its own messages counted. */
interface Reader {
  readonly hearer: Hearer;
  /** Which of the two users it is. */
  readonly side: 0 | 1;
  cursor: number;
}

/** The messages of a commit to one conversation, and their lines. */
interface Shown {
  readonly messages: Messages;
  /** Encoded once for each format in which one of them reads. */
  readonly lines: PerFormat<EncodedMessages>;
  readonly readers: ReadonlyMap<object, Reader>;
}

const nothing: ReadonlyMap<LogId, Shown> = new Map();

/** Shows the private messages of commits. */
export class PrivateDelivery {
  readonly #conversations: PrivateConversations;
  readonly #presence: Pick<Presence<Hearer & object>, 'sessionsOf'>;
  #shown = nothing;
  readonly #counters: { lines: number };

  /** @param counters counts lines that were handed to others than their senders */
  constructor(
    conversations: PrivateConversations,
    presence: Pick<Presence<Hearer & object>, 'sessionsOf'>,
    counters: { lines: number },
  ) {
    this.#conversations = conversations;
    this.#presence = presence;
    this.#counters = counters;
  }

  /** Begins a commit: encodes the lines of its private messages. */
  begin(stored: readonly Messages[]): void {
    if (!stored.some(({ log }) => isConversation(log))) return;
    const shown = new Map<LogId, Shown>();
    const encoder = new MessageEncoder();
    for (const messages of stored) {
      const conversation = this.#conversations.ofLog(messages.log);
      if (conversation === undefined) continue;
      const readers = new Map<object, Reader>();
      for (const side of [0, 1] as const)
        for (const hearer of hearersOf(this.#presence, conversation.users[side].key))
          readers.set(hearer, { hearer, side, cursor: 0 });
      const shapeFor = (side: 0 | 1): Shape => directShape('direct_message', conversation, conversation.users[side]);
      const shapes = [shapeFor(0), shapeFor(1)] as const;
      const lines = new PerFormat((format, side) => encoder.encode(shapes[side], [messages], format));
      shown.set(messages.log, { messages, lines, readers });
    }
    this.#shown = shown;
  }

  /**
   * Answers whoever sent the message, which was stored or is a duplicate. The lines of the conversation with smaller
   * ids come before the reply (PROTOCOL.md §4.3), also that of a message of which it is a duplicate.
   */
  answer({ log, speaker, ref, command }: Post, outcome: Outcome, id: number): void {
    const shown = this.#shown.get(log);
    const reader = shown?.readers.get(speaker);
    if (shown !== undefined && reader !== undefined) {
      const place = id - shown.messages.first;
      if (place >= reader.cursor && place < shown.messages.authors.length) {
        this.#hand(reader, shown, outcome === 'stored' ? place : place + 1);
        reader.cursor = place + 1;
      }
    }
    const isInvitation = command === 'invite_user';
    const { format } = speaker;
    const reply = isInvitation ? invitationReply(ref, format) : directReply(ref, id, outcome === 'duplicate', format);
    speaker.output.reply(reply);
  }

  /** Ends a commit: shows each session the lines that it has not got. */
  end(): void {
    if (this.#shown === nothing) return;
    for (const shown of this.#shown.values())
      for (const reader of shown.readers.values()) this.#hand(reader, shown, shown.messages.authors.length);
    this.#shown = nothing;
  }

  /** Reports that a message is answered, and all lines of its commit are in the outboxes. */
  settled({ log, author }: Post): void {
    this.#conversations.ofLog(log)?.settled(author.id);
    this.#conversations.release(log);
  }

  /** Sends the session the lines from its cursor up to the place `upTo`, which is not included. */
  #hand({ hearer, side, cursor }: Reader, { messages, lines }: Shown, upTo: number): void {
    if (cursor >= upTo || hearer.gone) return;
    this.#counters.lines += upTo - cursor;
    const { bytes, begins } = lines.in(hearer.format, side);
    const isAll = cursor === 0 && upTo === messages.authors.length;
    hearer.output.event(isAll ? bytes : bytes.subarray(begins[cursor], begins[upTo]));
  }
}
