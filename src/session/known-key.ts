// Answers a message that was stored before, by its key (PROTOCOL.md §5.3). A client that lost its connection may send a
// message again, and is answered even if it has not joined the room again, or has spent its budget. Such a look-up has
// no price, but for the record of a room with hundreds of roles and bans: the users take turns, and each has as many a
// second as it may send messages; the others wait.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Throttle } from '../accounts/throttle.js';
import type { Member } from '../chat/member.js';
import type { PrivateConversations } from '../chat/private-conversations.js';
import type { Conversations } from '../store/conversations.js';
import type { Directory, RoomRecord } from '../store/directory.js';
import type { KeyedMessage, Kind, MessageLog, NewMessage, UserId } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { nameKey } from '../text/names.js';
import type { Payer } from '../turns/payer.js';
import { code } from '../wire/generated/codes.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import { say } from '../wire/words.js';
import type { Answer } from './answer.js';
import { chargeForRecord, type BudgetServices } from './budgets.js';
import { payerOf, type Requester } from './requester.js';

/** The refusals that a known key replaces. */
const laterCodes: readonly number[] = [code.rate_limited, code.not_in_room, code.not_permitted];

/** The parameters that keyed commands have: all have a message, and either a room or a user to whom it goes. */
interface Keyed {
  readonly room?: string;
  readonly to?: string;
  readonly message: string;
  readonly key?: string | undefined;
  readonly kind?: Kind | undefined;
  readonly re?: number | undefined;
}

/** The part of the store that this needs. */
export interface KeyedStore {
  readonly directory: Pick<Directory, 'findRoom' | 'findUser'>;
  readonly conversations: Pick<Conversations, 'find'>;
  readonly log: Pick<MessageLog<NewMessage>, 'findKeyed'>;
}

/** What is needed to look keys up. */
export interface LookupServices extends BudgetServices {
  readonly store: KeyedStore;
  /** Lets those who read the store take turns (net/read-turns.ts). A turn must not contain another one. */
  readonly reads: { run<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result> };
  /** The private conversations that are in use. */
  readonly conversations: Pick<PrivateConversations, 'ofLog'>;
  /** By users. */
  readonly lookups: Pick<Throttle, 'wait' | 'spend'>;
}

/**
 * Answers `refused`, unless the user has stored a message with the request's key: then answers for that message.
 * Rejects as the store does.
 * @param member the session's membership in the room, if it has joined it
 */
export function unlessKnown(
  refused: Refusal,
  { spec, parameters }: AnyRequest,
  requester: Requester,
  member: Member | undefined,
  services: LookupServices,
): Refusal | Promise<Answer> {
  if (spec.keyed !== true || !laterCodes.includes(refused.code)) return refused;
  const { state, peer } = requester;
  const { room = '', to, message, key, kind = 'text', re = 0 } = parameters as Keyed;
  if (key === undefined || state.kind === 'guest') return refused;
  const { user } = state;
  const payer = payerOf(requester);
  const lookup = { message, key, kind, re, author: user.id };
  const { store } = services;
  const lookUp = (): Promise<Answer> =>
    to === undefined
      ? answerKnown(
          refused,
          { ...lookup, room, member, charged: (record) => chargeForRecord(services, record, requester) },
          store,
        )
      : answerKnownPrivately(refused, { ...lookup, to }, services);
  const wait = peer.exempt ? 0 : book(services, user.id);
  if (wait === 0) return services.reads.run(payer, lookUp);
  return sleep(wait, undefined, { ref: false }).then(() =>
    requester.gone ? refused : services.reads.run(payer, lookUp),
  );
}

/** Takes the user's next look-up, and answers the milliseconds until its time comes. */
function book({ lookups, now }: LookupServices, user: UserId): number {
  const at = now();
  const wait = lookups.wait(user, at);
  lookups.spend(user, at);
  return wait;
}

interface Lookup {
  readonly message: string;
  readonly kind: Kind;
  readonly re: number;
  readonly key: string;
  readonly author: UserId;
}

/** As `answerKnown`, in a private conversation. */
async function answerKnownPrivately(
  refused: Refusal,
  { to, ...lookup }: Lookup & { readonly to: string },
  { store, conversations }: Pick<LookupServices, 'store' | 'conversations'>,
): Promise<Answer> {
  const { author, key } = lookup;
  const user = await store.directory.findUser(nameKey(to));
  const log = user && (await store.conversations.find(author, user.id));
  const known = log === undefined ? undefined : await store.log.findKeyed(log, author, key);
  if (log === undefined || known === undefined) return refused;
  // As in a room: it is stored and not shown yet.
  if (known.id > (conversations.ofLog(log)?.log.head ?? Infinity)) return refused;
  if (!isSame(known, lookup)) return refusal('conflict', say('key_used'));
  return { results: { id: known.id, prev: known.id - 1, duplicate: true } };
}

/**
 * Whether the stored message is that of the request. Of one that was deleted nothing is kept that could be compared.
 */
function isSame(known: KeyedMessage, { message, kind, re }: Lookup): boolean {
  return known.text === '' || (known.text === jsonText(message) && known.kind === kind && known.about === re);
}

interface LookupInRoom extends Lookup {
  readonly room: string;
  readonly member: Member | undefined;
  /** Charges for the room's record that was read. */
  readonly charged: (record: RoomRecord) => void;
}

async function answerKnown(
  refused: Refusal,
  { room, member, charged, ...lookup }: LookupInRoom,
  store: KeyedStore,
): Promise<Answer> {
  const found = member === undefined ? await store.directory.findRoom(nameKey(room)) : undefined;
  if (found !== undefined) charged(found);
  const record = member?.room.record ?? found;
  if (record === undefined || record.state === 'deleted') return refused;
  const known = await store.log.findKeyed(record.id, lookup.author, lookup.key);
  if (known === undefined) return refused;
  // It is stored and not shown yet. Its id must not come before events with smaller ids (PROTOCOL.md §4.3).
  if (member !== undefined && known.id > member.room.log.head) return refused;
  if (!isSame(known, lookup)) return refusal('conflict', say('key_used'));
  return { results: { room: record.name, id: known.id, prev: known.id - 1, duplicate: true } };
}
