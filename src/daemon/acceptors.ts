// Creates the two acceptors: for clients, with the limits of the settings, and for operators, who are only limited in
// number.
import type { Exits } from '../chat/exits.js';
import { authenticateByTls } from '../commands/authenticate_user.js';
import type { Services } from '../commands/services.js';
import { clientDispatcher } from '../commands/table.js';
import { inNetworks } from '../ip/networks.js';
import type { TurnEnd } from '../loop/turn-end.js';
import type { Counters } from '../metrics/counters.js';
import { Acceptor, type AcceptorOptions, type RemoteInfo } from '../net/acceptor.js';
import { isSocketAddress, limitKey, socketAddress } from '../net/addresses.js';
import { Admission, type AdmissionRefusal } from '../net/admission.js';
import { createConnectionDeadlines } from '../net/connection-deadlines.js';
import { socketStallMilliseconds, type ConnectionOptions } from '../net/connection-options.js';
import type { Connection } from '../net/connection.js';
import type { FlushScheduler } from '../net/flush-scheduler.js';
import { GuestReading } from '../net/guest-reading.js';
import { Keepalives } from '../net/keepalives.js';
import type { MemoryBudget } from '../net/memory-budget.js';
import { StallDetector } from '../net/stall-detector.js';
import { TurnScheduler } from '../net/turn-scheduler.js';
import { OperatorSession } from '../operator/operator-session.js';
import type { OperatorServices } from '../operator/services.js';
import { operatorDispatcher } from '../operator/table.js';
import { connectionCapacity, filesKeptBack } from '../ops/open-files.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { AuditTrail } from '../session/audit-trail.js';
import { Session, type SessionContext } from '../session/session.js';
import type { Ban } from '../store/directory.js';
import { refusedFor } from '../wire/reasons.js';
import { inWords, say, type Sentence } from '../wire/words.js';
import { liveThrottle } from './live-throttle.js';

/** The most operators that stay connected for a moment after they were refused. */
const maxRefusedOperators = 8;

/** The most TLS handshakes per minute of one address that only tell it why it is refused. Each costs a millisecond. */
const refusedHandshakesPerMinute = 60;

const now = (): number => performance.now();

/** The limits of TLS handshakes. A reload changes the numbers; the time needs a restart. */
function handshakesOf(live: LiveSettings): AcceptorOptions['handshakes'] {
  return {
    limits: {
      get maxHandshakes() {
        return live.current.maxHandshakes;
      },
      get maxHandshakesPerAddress() {
        return live.current.maxHandshakesPerAddress;
      },
    },
    milliseconds: live.current.handshakeSeconds * 1000,
  };
}

/** The function that tells whether an address, or what stands for the address of a Unix socket, is exempt. */
function exemption({ exemptAddresses }: Settings): (address: string) => boolean {
  const inNetwork = inNetworks(exemptAddresses.flatMap((each) => ('path' in each ? [] : [each])));
  const sockets = new Set(exemptAddresses.flatMap((each) => ('path' in each ? [socketAddress(each.path)] : [])));
  return (address) => inNetwork(address) || sockets.has(address);
}

/** Creates the acceptor of clients. Reloads change its limits, its greeting and who is exempt. */
export function createClientAcceptor(
  live: LiveSettings,
  services: Services,
  counters: Counters,
  connection: ConnectionOptions<Connection>,
): Acceptor {
  const { log, presence, bans } = services;
  let capacity = connectionCapacity(filesKeptBack(live.current));
  let isExempt = exemption(live.current);
  live.onChange((settings) => {
    isExempt = exemption(settings);
    capacity = connectionCapacity(filesKeptBack(settings));
  });
  return new Acceptor({
    connection,
    admission: new Admission({
      get maxConnections() {
        return Math.min(live.current.maxConnections, capacity);
      },
      get maxPerAddress() {
        return live.current.maxConnectionsPerAddress;
      },
      get maxRefused() {
        return live.current.maxRefused;
      },
      get maxRefusedPerAddress() {
        return live.current.maxRefusedPerAddress;
      },
      rate: liveThrottle(live, ({ connectionsPerMinute: limit }) => ({ burst: limit, perMinute: limit })),
      refusedHandshakeRate: liveThrottle(live, ({ maxRefusedPerAddress: limit }) => ({
        burst: limit,
        perMinute: refusedHandshakesPerMinute,
      })),
      isExempt: (address) => isExempt(address),
      banned: (address) => refusalOf(bans.ofAddress(address)),
      now,
    }),
    handshakes: handshakesOf(live),
    givesWay: 'crowds',
    register: presence,
    get greeting() {
      return live.current.greeting;
    },
    log,
    onRefused: (reason) => counters.refuse(labelOf(reason)),
    openSession: clientSessions(live, services, counters, (address) => isExempt(address)),
  });
}

/** Creates the function that opens the session of a client. */
function clientSessions(
  live: LiveSettings,
  services: Services,
  counters: Counters,
  isExempt: (address: string) => boolean,
): (id: number, remote: RemoteInfo, connection: Connection) => Session {
  const { rooms, presence, refusals, lastSeen } = services;
  const context: SessionContext = {
    counters,
    dispatch: clientDispatcher(services),
    presence,
    refusals,
    exits: rooms.exits,
    language: () => live.current.language,
    lastSeen,
  };
  return (id, { address, local, encrypted, user }, connection) => {
    const peer = {
      address,
      limitKey: limitKey(address),
      confidential: local || encrypted,
      encrypted,
      local,
      ...(isSocketAddress(address) ? { shared: true } : {}),
      exempt: isExempt(address),
    };
    const session = new Session(id, peer, connection.outbox, connection, context);
    if (user !== undefined) session.waitFor(authenticateByTls(session, user, services));
    return session;
  };
}

/**
 * Creates the acceptor of operators. They have places of their own, whatever clients do. Whoever may open the socket is
 * trusted, but a program that connects and says nothing must not lock the others out: it gives way.
 */
export function createOperatorAcceptor(
  live: LiveSettings,
  services: OperatorServices & { readonly audit: AuditTrail },
  counters: Counters,
  connection: ConnectionOptions<Connection>,
): Acceptor {
  const { log, audit } = services;
  const context = { dispatch: operatorDispatcher(services), audit };
  return new Acceptor({
    connection: { ...connection, stallMilliseconds: socketStallMilliseconds },
    admission: new Admission({
      get maxConnections() {
        return live.current.maxOperators;
      },
      maxPerAddress: Infinity,
      maxRefused: maxRefusedOperators,
      maxRefusedPerAddress: maxRefusedOperators,
      rate: { take: () => 0 },
      refusedHandshakeRate: { take: () => 0 },
      isExempt: () => true,
      banned: () => undefined,
      now,
    }),
    handshakes: handshakesOf(live),
    givesWay: 'idle',
    // Operators are never evicted.
    register: { arrived: () => undefined, left: () => undefined },
    greeting: '',
    log,
    onRefused: () => counters.refuse(labelOf(refusedFor.operators)),
    openSession: (id, _, opened) => new OperatorSession(id, opened.outbox, opened, context),
  });
}

/** What all connections share. */
export interface ConnectionServices {
  readonly counters: Counters;
  readonly flushScheduler: FlushScheduler;
  readonly memory: MemoryBudget;
  readonly turnEnd: TurnEnd;
  readonly exits: Pick<Exits, 'together'>;
}

/** Creates the options that the connections of clients and operators share. */
export function createConnectionOptions(
  settings: Settings,
  { counters, flushScheduler, memory, turnEnd, exits }: ConnectionServices,
): ConnectionOptions<Connection> {
  return {
    maxLineBytes: settings.maxLineBytes,
    maxOutboxBytes: settings.maxOutboxBytes,
    guestReplyBytes: settings.guestReplyBytes,
    stallMilliseconds: settings.stallSeconds * 1000,
    stalls: new StallDetector(settings.stallSeconds * 1000),
    deadlines: createConnectionDeadlines({
      login: settings.loginSeconds * 1000,
      guestLine: settings.lineSeconds * 1000,
      userLine: settings.userLineSeconds * 1000,
    }),
    keepalives: new Keepalives({
      each: (all, act) => turnEnd.each(all, act),
      together: (all, end) => exits.together(all, end),
    }),
    flushScheduler,
    memory,
    turns: new TurnScheduler({ now, defer: (run) => turnEnd.deferSecond(run) }, settings.turnMs),
    guestReading: new GuestReading(memory, (run) => turnEnd.defer(run)),
    together: (all, end) => exits.together(all, end),
    onClosed: (reason) => counters.close(labelOf(reason)),
  };
}

/**
 * The label of a reason in the metrics: its English words. The text of a ban is for the banned client alone. The
 * counter only says that it was a ban.
 */
function labelOf(reason: Sentence): string {
  const isBan = 'key' in reason && reason.key === 'reasons.address_banned_because';
  return inWords(isBan ? refusedFor.banned : reason, 'en');
}

function refusalOf(ban: Ban | undefined): AdmissionRefusal | undefined {
  if (ban === undefined) return undefined;
  return {
    reason: ban.reason === '' ? refusedFor.banned : say('reasons.address_banned_because', { reason: ban.reason }),
    retryAfter: ban.until === undefined ? undefined : Math.max(0, ban.until - Date.now()),
  };
}
