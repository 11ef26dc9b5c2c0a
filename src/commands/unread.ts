// Counts the messages that a user has not read in a room. Ids are dense, so the difference of two is a count; what does
// not count among them is looked for in the first thousand.
import { chargeInTime, type BudgetServices } from '../session/budgets.js';
import type { Session } from '../session/session.js';
import type { Kind, LogId, Messages, UserId } from '../store/log.js';
import { lastOf } from '../store/messages.js';
import { StoreFailure } from '../store/store.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import { historyPage, pageSize, type PastStore } from './past.js';
import type { Services } from './services.js';

/** How many messages after a mark are looked at: up to here the count is exact (PROTOCOL.md §9). */
const mostLookedAt = historyPage;

/** A read of the store costs as much as so many messages, however few it finds. */
const readWorth = 50;

/** Kinds of messages that are no news by themselves. */
const uncounted: readonly Kind[] = ['edit', 'reaction'];

/** Charges for the reads and the messages of one request, as a page of history is charged. */
export class UnreadCharge {
  readonly #session: Session;
  readonly #services: BudgetServices;
  #owed = 0;

  constructor(session: Session, services: BudgetServices) {
    this.#session = session;
    this.#services = services;
  }

  /** Charges a read, and so many messages. Waits where the budget is spent. */
  async take(messages: number): Promise<void> {
    this.#owed += readWorth + messages;
    if (this.#owed < historyPage) return;
    this.#owed -= historyPage;
    await chargeInTime(this.#services, commandSpecs.chatroom_history, this.#session);
  }
}

/** A user's mark in a room. */
interface Mark {
  readonly room: LogId;
  /** The last message that was read. */
  readonly read: number;
  /** The messages up to this id were trimmed or erased. */
  readonly erased: number;
  /** The newest message. */
  readonly last: number;
}

/**
 * Counts the messages of others after the mark that are kept. It reads them in parts, each at the session's turn. What
 * lies beyond `mostLookedAt`, and what can't be read, counts as it is numbered.
 */
export async function countUnread(
  session: Session,
  { room, read, erased, last }: Mark,
  { store, reads }: { readonly store: PastStore; readonly reads: Services['reads'] },
  charge: UnreadCharge,
): Promise<number> {
  const user = session.identity.user.id;
  const after = Math.max(read, erased);
  const upTo = Math.min(last, after + mostLookedAt);
  let [seen, others] = [after, Math.max(0, last - after)];
  const countPart = async (maxBytes: number): Promise<void> => {
    if (session.gone) return;
    session.output.readAhead?.(maxBytes);
    try {
      const { messages } = await store.log.readAfter(room, seen, upTo, pageSize, maxBytes);
      for (const each of messages) others -= countUncounted(each, user);
      const newest = messages.at(-1);
      if (newest !== undefined) seen = lastOf(newest);
    } finally {
      session.output.readAhead?.(0);
    }
  };
  while (seen < upTo && !session.gone) {
    const before = seen;
    try {
      await reads.readAhead(session, countPart);
    } catch (error) {
      if (error instanceof StoreFailure) return others;
      throw error;
    }
    if (seen === before) break;
    await charge.take(seen - before);
  }
  return others;
}

/** Counts the messages that are not news to the user: its own, those of kinds that are none, and deleted ones. */
export function countUncounted({ authors, kinds, texts }: Messages, user: UserId): number {
  let count = 0;
  for (const [place, { id }] of authors.entries()) {
    if (id === user || uncounted.includes(kinds[place] ?? 'text') || texts.begins[place] === texts.ends[place])
      count += 1;
  }
  return count;
}
