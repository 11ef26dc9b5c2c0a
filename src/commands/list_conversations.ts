// list_conversations: lists a user's private conversations, and how much of each is unread.
import { defaultLimit } from '../session/list-page.js';
import type { Session } from '../session/session.js';
import type { ListedConversation } from '../store/conversations.js';
import { lastOf } from '../store/messages.js';
import { encodeTime } from '../wire/encode.js';
import { limits } from '../wire/generated/limits.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { conversationWith } from './conversation.js';
import { historyPage, pageSize } from './past.js';
import type { Command, Services } from './services.js';
import { countUncounted, UnreadCharge } from './unread.js';

/** Unread messages of a conversation are counted up to this: as many as a page of history has. */
const maxUnread = historyPage;

/** How many messages after a mark are looked at: up to here the count is exact (PROTOCOL.md §4.5). */
const mostLookedAt = 10 * historyPage;

/** The most bytes of messages that are read in one turn. */
const partBytes = 65_536;

/** How many conversations are read at a time. */
const partSize = 128;

/** The bytes of the shortest item in a line, so that no more are read than a line has room for. */
const leastItemBytes = 80;

/** The most conversations that a line has room for. */
const maxListed = Math.floor(limits.server_line_bytes / leastItemBytes);

/** Lists those behind the conversation with the user `after`, or the first ones. */
export const listConversations: Command<'list_conversations'> = async (session, { parameters }, services) => {
  const { after, limit = defaultLimit } = parameters;
  const found = after === undefined ? undefined : await conversationWith(session, after, services);
  if (found !== undefined && ('code' in found || found.log === undefined))
    return refusal('invalid_field', say('after_is_nobody'), { field: 'after' });
  const most = Math.min(limit, maxListed);
  const listed = await read(session, found?.log, most + 1, services);
  const charge = new UnreadCharge(session, services.gates);
  const items = [];
  for (const each of listed.slice(0, most)) {
    const { name, last, read: isRead, time } = each;
    const unread = await unreadIn(session, each, services, charge);
    items.push({ with: name, last, read: isRead, unread, time: encodeTime(time) });
  }
  return { results: {}, list: { name: 'conversations', items, more: listed.length > most } };
};

/** A conversation with a user who has a name. */
interface Named extends ListedConversation {
  readonly name: string;
}

/**
 * Reads a part of the list, in parts. Leaves out conversations with erased users: they have no name, so no command can
 * ask for them, nor for the page behind them.
 */
async function read(
  session: Session,
  after: number | undefined,
  limit: number,
  { store, reads }: Services,
): Promise<readonly Named[]> {
  const { user } = session.identity;
  const found: Named[] = [];
  let behind = after;
  while (found.length < limit && !session.gone) {
    const most = Math.min(partSize, limit - found.length);
    const part = await reads.run(session, async () => {
      const listed = await store.conversations.list(user.id, behind, most);
      const names = await store.directory.namesOf(listed.map((each) => each.with));
      return listed.map((each) => ({ ...each, name: names.get(each.with) ?? '' }));
    });
    found.push(...part.filter(({ name }) => name !== ''));
    behind = part.at(-1)?.log;
    if (part.length < most) break;
  }
  return found;
}

/**
 * Counts the messages of the other user after the read mark, up to `maxUnread`, without edits, reactions and deleted
 * ones. What lies beyond `mostLookedAt` counts as it is numbered: whoever fills a conversation with what does not count
 * must not make the other user's list as long.
 */
async function unreadIn(
  session: Session,
  { log, read: isRead, last }: ListedConversation,
  { store, reads }: Services,
  charge: UnreadCharge,
): Promise<number> {
  const { id: own } = session.identity.user;
  const upTo = Math.min(last, isRead + mostLookedAt);
  let [count, seen] = [0, isRead];
  // The read of the list itself.
  await charge.take(0);
  while (seen < upTo && count < maxUnread && !session.gone) {
    const { messages } = await reads.run(session, () => store.log.readAfter(log, seen, upTo, pageSize, partBytes));
    for (const each of messages) count += each.authors.length - countUncounted(each, own);
    const newest = messages.at(-1);
    if (newest === undefined) break;
    await charge.take(lastOf(newest) - seen);
    seen = lastOf(newest);
  }
  return Math.min(count + Math.max(0, last - upTo), maxUnread);
}
