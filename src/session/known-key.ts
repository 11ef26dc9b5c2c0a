// Answers a message that was stored before, by its key (PROTOCOL.md §5.3). A client that lost its connection may send a
// message again, and is answered even if it has not joined the room again, or has spent its budget. Such a look-up has
// no price: the users take turns, and each has as many a second as it may send messages; the others wait.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Throttle } from '../accounts/throttle.js';
import type { Member } from '../chat/room.js';
import type { Directory } from '../store/directory.js';
import type { MessageLog, NewMessage, UserId } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { nameKey } from '../text/names.js';
import type { Payer } from '../turns/payer.js';
import { code } from '../wire/generated/codes.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { Answer } from './answer.js';
import { payerOf, type Requester } from './requester.js';

/** The refusals that a known key replaces. */
const laterCodes: readonly number[] = [code.rate_limited, code.not_in_room, code.not_permitted];

/** The parameters that every keyed command has. */
interface Keyed {
  readonly room: string;
  readonly message: string;
  readonly key?: string | undefined;
}

/** The part of the store that this needs. */
export interface KeyedStore {
  readonly directory: Pick<Directory, 'findRoom'>;
  readonly log: Pick<MessageLog<NewMessage>, 'findKeyed'>;
}

/** What is needed to look keys up. */
export interface LookupServices {
  readonly store: KeyedStore;
  /** Lets those who read the store take turns (net/read-turns.ts). A turn must not contain another one. */
  readonly reads: { run<Result>(payer: Payer, read: () => Promise<Result>): Promise<Result> };
  /** By users. */
  readonly lookups: Pick<Throttle, 'wait' | 'spend'>;
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number;
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
  const { room, message, key } = parameters as Keyed;
  if (key === undefined || state.kind === 'guest') return refused;
  const { user } = state;
  const payer = payerOf(requester);
  const lookup = { room, message, key, author: user.id, member };
  const lookUp = (): Promise<Answer> => answerKnown(refused, lookup, services.store);
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

interface Lookup extends Required<Keyed> {
  readonly key: string;
  readonly author: UserId;
  readonly member: Member | undefined;
}

async function answerKnown(
  refused: Refusal,
  { room, message, key, author, member }: Lookup,
  store: KeyedStore,
): Promise<Answer> {
  const record = member?.room.record ?? (await store.directory.findRoom(nameKey(room)));
  if (record === undefined || record.state === 'deleted') return refused;
  const known = await store.log.findKeyed(record.id, author, key);
  if (known === undefined) return refused;
  // It is stored and not shown yet. Its id must not come before events with smaller ids (PROTOCOL.md §4.3).
  if (member !== undefined && known.id > member.room.log.head) return refused;
  const isSame = known.text === jsonText(message) && known.kind === 'text' && known.about === 0;
  if (!isSame) return refusal('conflict', 'this key was used for another message');
  return { results: { room: record.name, id: known.id, prev: known.id - 1, duplicate: true } };
}
