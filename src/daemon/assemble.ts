// Composes the daemon's parts: the services over the store, and the acceptors through which clients and operators come
// in.
import type { Logger } from 'pino';
import { Accounts } from '../accounts/accounts.js';
import { Backoff } from '../accounts/backoff.js';
import { Bans } from '../accounts/bans.js';
import { Passwords } from '../accounts/passwords.js';
import { Evictions } from '../chat/eviction.js';
import type { Post } from '../chat/post.js';
import { Rooms } from '../chat/rooms.js';
import type { AuditTrail, Services } from '../commands/services.js';
import { tally, type Counters } from '../metrics/counters.js';
import type { Acceptor } from '../net/acceptor.js';
import type { DaemonControl } from '../operator/services.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Store } from '../store/store.js';
import { createClientAcceptor, createConnectionOptions, createOperatorAcceptor } from './acceptors.js';
import { liveThrottle } from './live-throttle.js';
import { connectStore } from './store.js';

/** What the parts are composed of. */
export interface Foundation {
  readonly live: LiveSettings;
  readonly store: Store<Post>;
  readonly log: Logger;
  readonly audit: AuditTrail;
  readonly version: string;
  /** Is called when a sync failed: nobody can know whether the batch is on disk, so the process has to end. */
  readonly onStoreBroken: () => void;
}

/** The parts between the store and the listeners. */
export interface Parts {
  readonly services: Services;
  readonly counters: Counters;
  /** Accepts clients' connections. */
  readonly clients: Acceptor;
  /** Accepts operators' connections. */
  readonly operators: Acceptor;
}

/**
 * Composes the parts, once the returned function is told what operators may do to the daemon. Rejects with
 * StoreFailure.
 */
export async function assemble(foundation: Foundation): Promise<(control: DaemonControl) => Parts> {
  const { live, store, log, onStoreBroken } = foundation;
  const counters = tally;
  connectStore(store, { data: live.current.data, log, counters, onBroken: onStoreBroken });
  const services = createServices(foundation, await Bans.read(store));
  return (control) => {
    const connection = createConnectionOptions(live.current, counters);
    const clients = createClientAcceptor(live, services, counters, connection);
    const operators = createOperatorAcceptor(services, clients, control, connection);
    return { services, counters, clients, operators };
  };
}

function createServices({ live, store, log, audit, version }: Foundation, bans: Bans): Services {
  const { passwordLogN: logN, passwordR: r, passwordP: p, passwordQueue, maxLineBytes } = live.current;
  const rooms = new Rooms(store);
  return {
    store,
    accounts: new Accounts(store, new Passwords({ logN, r, p }, passwordQueue)),
    backoff: new Backoff(),
    bans,
    rooms,
    evictions: new Evictions(rooms),
    log,
    audit,
    gates: {
      get allowPlaintext() {
        return live.current.allowPlaintext;
      },
      passwordAttempts: liveThrottle(live, ({ passwordAttemptsPerMinute: limit }) => ({
        burst: limit,
        perMinute: limit,
      })),
      now: () => performance.now(),
    },
    messageRate: liveThrottle(live, ({ messagesPerSecond: limit }) => ({ burst: 5 * limit, perMinute: 60 * limit })),
    get registrationOpen() {
      return live.current.registration === 'open';
    },
    version,
    maxLineBytes,
  };
}
