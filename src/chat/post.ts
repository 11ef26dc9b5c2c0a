// A message on its way: from the speaker into the store's log, and from there to all who hear the room.
import type { Entry, Outcome, RoomLog, UserId } from '../store/store.js';
import type { Ref } from '../wire/refusal.js';
import type { Member } from './room.js';

/** The session that waits for what becomes of its posts. */
export interface Speaker {
  /** One of its posts has been answered; called once all of the batch's lines are in the outboxes. */
  settled(): void;
}

export class Post implements Entry {
  outcome: Outcome = 'stored';
  id = 0;
  prev = 0;
  /** Which of the batch's lines for its room this post's line is, and where it begins in them. */
  place = 0;
  begin = 0;
  readonly log: RoomLog;
  readonly author: UserId;

  constructor(
    readonly speaker: Speaker,
    readonly member: Member,
    /** The text as JSON. */
    readonly message: string,
    readonly key: string | undefined,
    readonly ref: Ref | undefined,
  ) {
    this.log = member.room.log;
    this.author = member.user.id;
  }
}
