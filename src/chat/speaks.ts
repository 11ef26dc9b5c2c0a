// What a session understands and asked for: which events it is told, and how their lines are written (PROTOCOL.md §8).
import { defaultFormat, type LineFormat } from '../wire/format.js';

/** `all` by default; `messages`: nobody who comes or goes, and no change of a topic or a role; `none`: 106 alone. */
export type EventChoice = 'all' | 'messages' | 'none';

/** How a session is spoken to. */
export interface Speaks {
  /** The edition of the contract. */
  readonly edition: 1 | 2;
  readonly events: EventChoice;
  readonly format: LineFormat;
}

/** A session that has sent nothing new. */
export const firstEdition: Speaks = { edition: 1, events: 'all', format: defaultFormat };
