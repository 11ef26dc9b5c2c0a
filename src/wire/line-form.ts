// What each form of lines does (PROTOCOL.md §8.2): it puts the members of replies and events together.
import type { Members } from './columns.js';
import { event, operatorEvent } from './generated/events.js';
import type { Ref } from './refusal.js';

/** The codes of all events, by name. */
export const eventCodes = { ...event, ...operatorEvent } as const;

/** The name of an event. */
export type EventName = keyof typeof eventCodes;

/** The members of a refusal, and its code. */
export interface RefusalMembers {
  readonly code: number;
  readonly command: string | undefined;
  readonly ref: Ref | undefined;
  readonly error: string;
  readonly field: string | undefined;
  readonly retry_after: number | undefined;
}

/** Puts lines together. They end in LF. */
export interface LineWriter {
  event(name: EventName, members: Members): string;
  success(command: string, ref: Ref | undefined, results: Members): string;
  refusal(members: RefusalMembers): string;
}

/** A form of lines. */
export interface LineForm extends LineWriter {
  /** A text as it stands in a line. */
  readonly escape: (text: string) => string;
  /** A text as it stands in an item of a list. */
  readonly escapeInList: (text: string) => string;
}
