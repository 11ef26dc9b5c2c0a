// Composes the parts between the store and the listeners from the settings.
import type { Logger } from 'pino';
import { Accounts } from '../accounts/accounts.js';
import { Backoff } from '../accounts/backoff.js';
import { Bans } from '../accounts/bans.js';
import type { KnownAddresses } from '../accounts/known-addresses.js';
import { SeenUsers } from '../accounts/last-seen.js';
import { hashesAtOnce, Passwords } from '../accounts/passwords.js';
import { RoomPasswords } from '../accounts/room-passwords.js';
import { TokenUpkeep } from '../accounts/token-upkeep.js';
import { Tokens } from '../accounts/tokens.js';
import { Delivery } from '../chat/delivery.js';
import { Evictions } from '../chat/eviction.js';
import { Memberships } from '../chat/membership.js';
import type { Post } from '../chat/post.js';
import { Presence } from '../chat/presence.js';
import { PrivateConversations } from '../chat/private-conversations.js';
import { PrivateDelivery } from '../chat/private-delivery.js';
import { Rooms } from '../chat/rooms.js';
import { SlowMode } from '../chat/slow-mode.js';
import type { Services } from '../commands/services.js';
import { TurnEnd } from '../loop/turn-end.js';
import { Counters } from '../metrics/counters.js';
import type { Acceptor } from '../net/acceptor.js';
import { FlushScheduler, type Flushed } from '../net/flush-scheduler.js';
import { MemoryBudget } from '../net/memory-budget.js';
import { ReadTurns } from '../net/read-turns.js';
import { operatorPayer } from '../operator/operator-session.js';
import type { DaemonControl } from '../operator/services.js';
import { defaultBufferBytes, memoryLimit } from '../ops/memory-limit.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { AuditTrail } from '../session/audit-trail.js';
import { Deletions } from '../session/deletions.js';
import { endSessionsOf, tokenExpired } from '../session/end-sessions.js';
import { Limits } from '../session/limits.js';
import type { Session } from '../session/session.js';
import type { Store, TakeTurn } from '../store/store.js';
import { SearchFollower } from '../store/search-follower.js';
import { Trimmer } from '../store/trimmer.js';
import { createClientAcceptor, createConnectionOptions, createOperatorAcceptor } from './acceptors.js';
import { KnownAddressesFile } from './known-addresses-file.js';
import { createBudgets, messageThrottle, refusalThrottle } from './live-throttle.js';
import { connectStore } from './store.js';

/** What has to exist before the parts can be composed. */
export interface Foundation {
  readonly live: LiveSettings;
  readonly store: Store<Post>;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly version: string;
  /** Called when a sync failed. Whether the batch is on disk is unknown then, so the process has to end. */
  readonly onStoreBroken: () => void;
}

/** The parts between the store and the listeners. */
export interface Parts {
  readonly services: Services;
  readonly counters: Counters;
  /** The bytes that all connections keep. */
  readonly memory: MemoryBudget;
  /** The addresses from which somebody has logged in lately. */
  readonly known: KnownAddressesFile;
  /** What tokens need in the background. */
  readonly upkeep: TokenUpkeep;
  /** Trims messages that are kept no longer. */
  readonly trimmer: Trimmer;
  /** Keeps the index of what was said up to date. */
  readonly searchFollower: SearchFollower;
  /** Accepts clients' connections. */
  readonly clients: Acceptor;
  /** Accepts operators' connections. */
  readonly operators: Acceptor;
}

/**
 * Composes the parts in two steps, because the daemon and its parts need each other: the returned function takes the
 * daemon's control and completes them. Rejects with StoreFailure.
 */
export async function assemble(foundation: Foundation): Promise<(control: DaemonControl) => Parts> {
  const { live, store, log, onStoreBroken } = foundation;
  const counters = new Counters();
  const presence = new Presence<Session>();
  const turnEnd = new TurnEnd();
  const rooms = new Rooms(store, presence, turnEnd, {
    presenceLimit: () => live.current.presenceLimit,
    graceMilliseconds: live.current.presenceGraceSeconds * 1000,
  });
  const conversations = new PrivateConversations(store.log);
  const memberships = new Memberships(store.memberships, turnEnd);
  const privateDelivery = new PrivateDelivery(conversations, presence, counters);
  const delivery = new Delivery((id) => rooms.ofLog(id), counters, privateDelivery);
  const flushScheduler = new FlushScheduler({
    now: () => performance.now(),
    defer: (run) => turnEnd.defer(run),
    deferFirst: (run) => turnEnd.deferFirst(run),
  });
  const flushed = (): Promise<Flushed> => flushScheduler.flushed();
  // Comes before the first write: a store that breaks must end the process.
  connectStore(store, { data: live.current.data, log, counters, delivery, flushed, onBroken: onStoreBroken });
  const defaultBytes = defaultBufferBytes(memoryLimit());
  const memory = new MemoryBudget(() => live.current.maxBufferBytes || defaultBytes);
  live.onChange(() => memory.check());
  const reads = new ReadTurns(memory);
  const known = new KnownAddressesFile(live.current.data, () => live.current.knownAddressDays, log);
  const bans = await Bans.read(store.directory);
  const upkeep = new TokenUpkeep(store.tokens, (expired) => {
    for (const { id, user } of expired) endSessionsOf(new Set([id]), user, tokenExpired, { presence });
  });
  const services = createServices(
    foundation,
    { presence, rooms, conversations, memberships, bans, reads, upkeep },
    counters,
    known.addresses,
  );
  const trimmer = new Trimmer({
    directory: store.directory,
    feed: store.feed,
    kept: () => ({ seconds: live.current.keepSeconds, messages: live.current.keepMessages }),
    trimmed: (count) => {
      counters.trimmed += count;
    },
    failed: (err, room) => {
      counters.trimmingFailures += 1;
      log.error({ err, room }, 'trimming_failed');
    },
  });
  const searchFollower = new SearchFollower({
    search: store.search,
    bound: () => live.current.searchLagMessages,
    anew: (reason) => log.warn({ reason }, 'search_index_anew'),
    failed: (err) => log.error({ err }, 'search_index_failed'),
    resumed: () => log.info('search_index_resumed'),
  });
  return (control) => {
    const connection = createConnectionOptions(live.current, {
      counters,
      flushScheduler,
      memory,
      turnEnd,
      exits: rooms.exits,
    });
    const clients = createClientAcceptor(live, services, counters, connection);
    const inTurn: TakeTurn = (read) => reads.run(operatorPayer, read);
    const operators = createOperatorAcceptor(live, { ...services, inTurn, daemon: control }, counters, connection);
    return { services, counters, memory, known, upkeep, trimmer, searchFollower, clients, operators };
  };
}

function createServices(
  { live, store, log, audit, version }: Foundation,
  {
    presence,
    rooms,
    conversations,
    memberships,
    bans,
    reads,
    upkeep,
  }: Pick<Services, 'presence' | 'rooms' | 'conversations' | 'memberships' | 'bans' | 'reads'> & Pick<Parts, 'upkeep'>,
  counters: Counters,
  known: KnownAddresses,
): Services {
  const { passwordLogN: logN, passwordR: r, passwordP: p, passwordQueue, maxLineBytes } = live.current;
  const { passwordThreads, passwordStrangerShare: strangersShare } = live.current;
  const running = passwordThreads || hashesAtOnce();
  const passwords = new Passwords({ logN, r, p }, passwordQueue, { running, strangersShare, known });
  const accounts = new Accounts(store.directory, passwords, store.invitations);
  const evictions = new Evictions(presence, rooms);
  store.directory.watch(evictions);
  return {
    store,
    reads,
    accounts,
    tokens: new Tokens(store.tokens, accounts, upkeep),
    roomPasswords: new RoomPasswords(passwords),
    backoff: new Backoff(),
    lastSeen: new SeenUsers(store.lastSeen),
    deletions: new Deletions({
      failed: (err) => log.error({ err }, 'erasure_failed'),
      resumed: () => log.info('erasure_resumed'),
    }),
    bans,
    presence,
    rooms,
    conversations,
    evictions,
    memberships,
    refusals: refusalThrottle(live),
    limits: new Limits(() => live.current, counters),
    log,
    audit,
    gates: {
      get allowPlaintext() {
        return live.current.allowPlaintext;
      },
      get registrationOpen() {
        return live.current.registration !== 'closed';
      },
      slowMode: new SlowMode(),
      budgets: createBudgets(live),
      counters,
      store,
      reads,
      conversations,
      lookups: messageThrottle(live),
      now: () => performance.now(),
    },
    get registrationInvited() {
      return live.current.registration === 'invited';
    },
    version,
    maxLineBytes,
  };
}
