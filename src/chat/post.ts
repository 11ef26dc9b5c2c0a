// A message on its way: from the speaker into the store's log, and from there to all who hear the conversation.
import type { Author, Kind, LogId, NewMessage } from '../store/log.js';
import type { Ref } from '../wire/refusal.js';
import type { Conversation, Member, Recipient } from './room.js';

/** The session that waits for what becomes of its posts. */
export interface Speaker {
  /** Where the replies go. */
  readonly output: Pick<Recipient, 'reply'>;
  /** One of its posts has been answered. Called once all of the batch's lines are in the outboxes. */
  settled(): void;
}

/** A message that a session of this process has sent. Nobody writes into it: what became of it stands in the `Commit`. */
export class Post implements NewMessage {
  readonly log: LogId;
  readonly kind: Kind = 'text';
  readonly about = 0;

  /**
   * @param room the conversation that it is for
   * @param member the speaker's place among those who hear the room; undefined where it does not hear it
   * @param text as `jsonText` makes it
   * @param ref of the request, which the reply repeats
   */
  constructor(
    readonly speaker: Speaker,
    readonly room: Pick<Conversation, 'log' | 'json'>,
    readonly author: Author,
    readonly member: Member | undefined,
    readonly text: string,
    readonly key: string | undefined,
    readonly ref: Ref | undefined,
  ) {
    this.log = room.log.id;
  }
}
