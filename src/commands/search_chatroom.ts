// search_chatroom: finds messages of a room by their words, and sends them as events 110.
import type { Member, MemberRoom } from '../chat/member.js';
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import type { Messages, Page } from '../store/log.js';
import { SearchTooLong } from '../store/store.js';
import { queryOf } from '../text/words.js';
import { refusal, type Ref } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { encodePast, isOver, mostReads, type Reader } from './past.js';
import type { Command, Services } from './services.js';

/** How many messages are read and sent at a time: each takes reading a run of messages, of 64 KiB at most as a rule. */
const readAtOnce = 32;

/** Sends the newest messages before an id that have all words, no faster than the client reads. */
export const searchChatroom: Command<'search_chatroom'> = async (session, { parameters, ref }, services, member) => {
  const { match, before = Infinity, limit = defaultLimit } = parameters;
  const { store, reads } = services;
  const { room } = member;
  // Leaves out messages that are stored and not shown yet. Those that were shown are found, unless the index is far
  // behind.
  const shown = room.log.head;
  await store.search.refresh();
  const between = { after: room.record.erased, before: Math.min(before, shown + 1) };
  // One more says whether there are more.
  const find = (): Promise<readonly number[]> => store.search.find(room.log.id, queryOf(match), between, limit + 1);
  const found = await reads.run(session, find).catch((error: unknown) => {
    if (error instanceof SearchTooLong) return undefined;
    throw error;
  });
  if (found === undefined) return refusal('failed', say('words_too_frequent'));
  const ids = found.slice(0, limit).reverse();
  const count = await sendFound(session, member, services, ids, ref);
  if (isOver(session, member)) return notInRoom();
  return { results: { count, more: found.length > limit } };
};

/** Sends messages by their ids, but those that were deleted meanwhile. Answers how many. Stops where it `isOver`. */
async function sendFound(
  session: Reader,
  member: Member,
  { store, reads }: Pick<Services, 'store' | 'reads'>,
  ids: readonly number[],
  ref: Ref | undefined,
): Promise<number> {
  const { output } = session;
  const { room } = member;
  let count = 0;
  const sendPart = async (some: readonly number[], maxBytes: number): Promise<void> => {
    if (isOver(session, member)) return;
    output.readAhead?.(maxBytes);
    try {
      const page = await readShown(store.log, room, some);
      if (page.messages.length === 0 || isOver(session, member)) return;
      output.reply(encodePast(room, page, session.format, { ref }));
      count += page.messages.length;
    } finally {
      output.readAhead?.(0);
    }
  };
  for (let begin = 0; begin < ids.length && !isOver(session, member); begin += readAtOnce) {
    await reads.shown(session, output.drained());
    const some = ids.slice(begin, begin + readAtOnce);
    await reads.readAhead(session, (maxBytes) => sendPart(some, maxBytes));
  }
  if (count > 0) reads.lastShown(session, () => output.drained());
  return count;
}

/** Reads messages that have a text. None of them was deleted before the call ends, as far as its members were told. */
async function readShown(log: Services['store']['log'], room: MemberRoom, ids: readonly number[]): Promise<Page> {
  for (let times = 1; ; times += 1) {
    const before = room.deletions;
    const page = await log.readEach(room.log.id, ids);
    if (room.deletions === before || times === mostReads) return { ...page, messages: page.messages.filter(hasText) };
  }
}

/** Whether the one message of this piece has a text. */
function hasText({ texts: { begins, ends } }: Messages): boolean {
  return begins[0] !== ends[0];
}
