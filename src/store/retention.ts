// How long messages are kept: by age and by number, for a room and for the server. The store trims what is due in small
// parts (Directory.trimMessages); trimmer.ts asks for them in the background.
import type { RoomSettings } from './room-settings.js';

/** How long the server keeps the messages of every room. 0 is for ever, or any number. */
export interface Kept {
  readonly seconds: number;
  readonly messages: number;
}

/** Which of a room's messages are due: those up to the id `upTo`, and those from before `before`. */
export interface Due {
  readonly upTo: number;
  /** Milliseconds since 1970. */
  readonly before: number;
}

/** What a step of trimming did. */
export interface Trimmed {
  /** How many messages went. */
  readonly count: number;
  /** Whether more of the room's messages are due. */
  readonly more: boolean;
  /** How long the step took within its transaction, in milliseconds. */
  readonly took: number;
}

/** Which messages are due in a room with these settings. The stricter of the room's and the server's limits counts. */
export function dueIn(
  { keepSeconds, keepMessages }: Pick<RoomSettings, 'keepSeconds' | 'keepMessages'>,
  server: Kept,
  head: number,
  now: number,
): Due {
  const seconds = stricter(keepSeconds, server.seconds);
  const messages = stricter(keepMessages, server.messages);
  return {
    upTo: messages === 0 ? 0 : Math.max(0, head - messages),
    before: seconds === 0 ? -Infinity : now - seconds * 1000,
  };
}

/** The smaller limit, where 0 is none. */
function stricter(one: number, other: number): number {
  return one === 0 || other === 0 ? Math.max(one, other) : Math.min(one, other);
}
