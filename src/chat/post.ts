// A message on its way from the speaker through the store's log to all members of the conversation.
import { isConversation } from '../store/conversations.js';
import type { Author, Kind, LogId, NewMessage } from '../store/log.js';
import type { LineFormat } from '../wire/format.js';
import type { PostingCommand } from '../wire/post-replies.js';
import type { Ref } from '../wire/refusal.js';
import type { Conversation } from './conversation.js';
import type { Member } from './member.js';
import type { Recipient } from './recipient.js';

/** The session that sent posts and waits for their outcomes. */
export interface Speaker {
  /** Where the replies go. */
  readonly output: Pick<Recipient, 'reply'>;
  /** How they are written. */
  readonly format: LineFormat;
  /** Reports that one of its posts is answered. Called when all lines of the batch are in the outboxes. */
  settled(): void;
}

/** Is told of a post whether it was stored, once. */
export type TellOutcome = (isStored: boolean) => void;

/** How many read a private conversation. Hardly anybody has several sessions. */
const usersOfConversation = 2;

/** A room, or a private conversation, which has no name. */
export type PostedTo = Pick<Conversation, 'log'> &
  (NamedRoom | { readonly name?: never; readonly json?: never; readonly members?: never });

/** A room, as the replies to its messages name it. */
export interface NamedRoom {
  readonly name: string;
  readonly json: string;
  readonly members?: { readonly size: number };
}

/** Whether it is a room, and no private conversation. */
export function isOfRoom(place: PostedTo): place is Pick<Conversation, 'log'> & NamedRoom {
  return place.name !== undefined;
}

/** A message that a session of this process has sent. It never changes: the `Commit` has its outcome. */
export class Post implements NewMessage {
  readonly log: LogId;
  readonly readers: number;

  /**
   * @param room the room that it is sent to, or the private conversation, which has no name
   * @param member the speaker as a member of the room; undefined where it is none
   * @param text as `jsonText` makes it
   * @param ref the request's, which the reply repeats
   * @param about the id of the message that it is about, 0 for none
   * @param command the command that sent it, which the reply names
   * @param tellOutcome is called when the reply is in the outbox, for what else waits for the outcome
   */
  constructor(
    readonly speaker: Speaker,
    readonly room: PostedTo,
    readonly author: Author,
    readonly member: Member | undefined,
    readonly text: string,
    readonly key: string | undefined,
    readonly ref: Ref | undefined,
    readonly kind: Kind = 'text',
    readonly about = 0,
    readonly command: PostingCommand = 'chatroom_message',
    readonly tellOutcome?: TellOutcome,
  ) {
    this.log = room.log.id;
    this.readers = room.members?.size ?? (isConversation(this.log) ? usersOfConversation : 0);
  }
}
