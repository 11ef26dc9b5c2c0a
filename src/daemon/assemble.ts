// The concrete parts, put together: the store, the services over it, and the doors by which clients and operators come in.
import type { Logger } from 'pino';
import { Accounts } from '../accounts/accounts.js';
import { Backoff } from '../accounts/backoff.js';
import { Bans } from '../accounts/bans.js';
import { Passwords } from '../accounts/passwords.js';
import { Throttle } from '../accounts/throttle.js';
import { Delivery } from '../chat/delivery.js';
import { Evictions } from '../chat/eviction.js';
import type { Post } from '../chat/post.js';
import { Rooms } from '../chat/rooms.js';
import { Counters } from '../metrics/counters.js';
import type { AuditTrail, Services } from '../commands/services.js';
import { enterByCertificate } from '../commands/authenticate_user.js';
import { dispatcher } from '../commands/table.js';
import { inNetworks } from '../ip/networks.js';
import { Admission, type Refused } from '../net/admission.js';
import { limitKey } from '../net/addresses.js';
import type { ConnectionSettings } from '../net/connection.js';
import { makeDeadlines } from '../net/deadline.js';
import { FrontDoor } from '../net/front-door.js';
import { StallWatch } from '../net/stall-watch.js';
import { TurnEnd } from '../net/turn-end.js';
import { OperatorSession } from '../operator/operator-session.js';
import type { DaemonControl } from '../operator/services.js';
import { connectionRoom } from '../ops/open-files.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import { Session, type House } from '../session/session.js';
import { connectStore } from './store.js';
import type { Ban } from '../store/directory.js';
import type { Store } from '../store/store.js';

/** Operators at one time. */
const maxOperators = 32;

/**
 * Milliseconds for which an operator may read nothing. The kernel does not show what waits in a Unix socket, and takes more
 * only when some 160 KB were read, so a backup into a slow pipe would look like one that nobody reads.
 */
const operatorStallMilliseconds = 600_000;

const now = (): number => performance.now();

export interface Parts {
  readonly services: Services;
  readonly counters: Counters;
  /** Where clients come in, and where operators do. */
  readonly door: FrontDoor;
  readonly operators: FrontDoor;
}

/** Everything between the store and the listeners, once it is told who `control` is: what operators may do to the daemon as a whole. */
export async function assemble(
  live: LiveSettings,
  store: Store<Post>,
  log: Logger,
  audit: AuditTrail,
  version: string,
  onStoreBroken: () => void,
): Promise<(control: DaemonControl) => Parts> {
  const counters = new Counters();
  const rooms = new Rooms(store);
  // Before anything is written: a store that breaks must end the process.
  const delivery = new Delivery((id) => rooms.ofLog(id), counters);
  connectStore(store, { data: live.current.data, log, counters, delivery, onBroken: onStoreBroken });
  const services = makeServices(live, store, { rooms, bans: await Bans.read(store.directory) }, log, audit, version);
  return (control) => makeDoors(live, services, counters, control);
}

function makeDoors(live: LiveSettings, services: Services, counters: Counters, control: DaemonControl): Parts {
  const { store, accounts, bans, rooms, evictions, log, audit } = services;
  const connection = connectionSettings(live.current, counters);
  const door = makeDoor(live, services, counters, connection);
  const sessions = function* (): Iterable<Session> {
    for (const { session } of door.connections.keys()) if (session instanceof Session && !session.gone) yield session;
  };
  const operators = new FrontDoor({
    connection: { ...connection, stallMilliseconds: operatorStallMilliseconds },
    admission: new Admission({
      maxConnections: maxOperators,
      maxPerAddress: maxOperators,
      rate: { take: () => 0 },
      isExempt: () => true,
      banned: () => undefined,
      now,
    }),
    // Nobody puts operators out.
    register: { arrived: () => undefined, left: () => undefined },
    greeting: '',
    log,
    onRefused: () => undefined,
    openSession: (id, _, line) =>
      new OperatorSession(
        id,
        line.outbox,
        {
          store,
          accounts,
          bans,
          rooms,
          evictions,
          log,
          audit,
          sessions,
          daemon: control,
        },
        line,
      ),
  });
  return { services, counters, door, operators };
}

function makeServices(
  live: LiveSettings,
  store: Store<Post>,
  { rooms, bans }: Pick<Services, 'rooms' | 'bans'>,
  log: Logger,
  audit: AuditTrail,
  version: string,
): Services {
  const { passwordLogN: logN, passwordR: r, passwordP: p, passwordQueue, maxLineBytes } = live.current;
  return {
    store,
    accounts: new Accounts(store.directory, new Passwords({ logN, r, p }, passwordQueue)),
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
      passwordAttempts: throttle(live, ({ passwordAttemptsPerMinute: each }) => [each, each]),
      now,
    },
    messageRate: throttle(live, ({ messagesPerSecond: each }) => [5 * each, 60 * each]),
    get registrationOpen() {
      return live.current.registration === 'open';
    },
    version,
    maxLineBytes,
  };
}

/** A throttle whose burst and rate a minute are those of the settings, whatever becomes of them. */
function throttle(live: LiveSettings, rate: (settings: Settings) => readonly [number, number]): Throttle {
  const made = new Throttle(...rate(live.current));
  live.onReplaced((settings) => made.setRate(...rate(settings)));
  return made;
}

function connectionSettings(settings: Settings, counters: Counters): ConnectionSettings {
  return {
    maxLineBytes: settings.maxLineBytes,
    maxOutboxBytes: settings.maxOutboxBytes,
    stallMilliseconds: settings.stallSeconds * 1000,
    stalls: new StallWatch(settings.stallSeconds * 1000),
    deadlines: makeDeadlines({
      login: settings.loginSeconds * 1000,
      guestLine: settings.lineSeconds * 1000,
      userLine: settings.userLineSeconds * 1000,
    }),
    turnEnd: new TurnEnd(),
    onClosed: (reason) => counters.close(reason),
  };
}

function makeDoor(
  live: LiveSettings,
  services: Services,
  counters: Counters,
  connection: ConnectionSettings,
): FrontDoor {
  const { log, rooms, evictions, bans } = services;
  const room = connectionRoom();
  let isExempt = inNetworks(live.current.exemptAddresses);
  live.onReplaced(({ exemptAddresses }) => {
    isExempt = inNetworks(exemptAddresses);
  });
  const dispatch = dispatcher(services);
  const house: House = {
    counters,
    leave: (member, reason) => rooms.leave(member, reason),
    loggedIn: (key, session) => evictions.loggedIn(key, session),
    loggedOut: (key, session) => evictions.loggedOut(key, session),
    lingers: (key, session) => evictions.lingers(key, session),
    gone: (key, session) => evictions.gone(key, session),
  };
  return new FrontDoor({
    connection,
    admission: new Admission({
      get maxConnections() {
        return Math.min(live.current.maxConnections, room);
      },
      get maxPerAddress() {
        return live.current.maxConnectionsPerAddress;
      },
      rate: throttle(live, ({ connectionsPerMinute: each }) => [each, each]),
      isExempt: (address) => isExempt(address),
      banned: (address) => refusedBy(bans.ofAddress(address)),
      now,
    }),
    register: evictions,
    get greeting() {
      return live.current.greeting;
    },
    log,
    // A ban's own words are an operator's: only that it was one is counted.
    onRefused: (reason) => counters.refuse(reason.replace(/^(your address is banned).*/, '$1')),
    openSession: (id, { address, local, encrypted, user }, made) => {
      const peer = {
        address,
        limitKey: limitKey(address),
        confidential: local || encrypted,
        encrypted,
        exempt: isExempt(address),
      };
      const session = new Session(id, peer, made.outbox, dispatch, house, made);
      if (user !== undefined) session.hold(enterByCertificate(session, user, services));
      return session;
    },
  });
}

function refusedBy(ban: Ban | undefined): Refused | undefined {
  if (ban === undefined) return undefined;
  return {
    reason: ban.reason === '' ? 'your address is banned' : `your address is banned: ${ban.reason}`,
    retryAfter: ban.until === undefined ? undefined : Math.max(0, ban.until - Date.now()),
  };
}
