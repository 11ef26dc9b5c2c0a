// The one place where the concrete parts meet: settings, log, store, listeners and what lies between them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Accounts } from './accounts/accounts.js';
import { Backoff } from './accounts/backoff.js';
import { Passwords } from './accounts/passwords.js';
import { Throttle } from './accounts/throttle.js';
import { deliver, refuse } from './chat/delivery.js';
import type { Post } from './chat/post.js';
import { Rooms } from './chat/rooms.js';
import type { Services } from './commands/services.js';
import { dispatcher } from './commands/table.js';
import { Admission } from './net/admission.js';
import { limitKey, rangeTest } from './net/addresses.js';
import { makeDeadlines } from './net/connection.js';
import { Encryption } from './net/encryption.js';
import { FrontDoor } from './net/front-door.js';
import { listen, ListenError, type Listener } from './net/listener.js';
import { TurnEnd } from './net/turn-end.js';
import { createLog } from './ops/log.js';
import { connectionRoom } from './ops/open-files.js';
import { invocation, type ListenAddress, type Settings } from './ops/settings/settings.js';
import { Session } from './session/session.js';
import { DataError } from './store/sqlite/folder.js';
import { SqliteStore } from './store/sqlite/store.js';
import { checkData } from './store/sqlite/verify.js';
import type { Store } from './store/store.js';

/** When clients may try again after a stop · when the process ends whatever hangs; milliseconds. */
const stopRetryMilliseconds = 2000;
const stopLimitMilliseconds = 9000;

const now = (): number => performance.now();

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function makeServices(settings: Settings, store: Store<Post>, log: Logger, version: string): Services {
  const { passwordLogN: logN, passwordR: r, passwordP: p, passwordAttemptsPerMinute, messagesPerSecond } = settings;
  return {
    store,
    accounts: new Accounts(store, new Passwords({ logN, r, p }, settings.passwordQueue)),
    backoff: new Backoff(),
    rooms: new Rooms(store),
    log,
    gates: {
      allowPlaintext: settings.allowPlaintext,
      passwordAttempts: new Throttle(passwordAttemptsPerMinute, passwordAttemptsPerMinute),
      now,
    },
    messageRate: new Throttle(5 * messagesPerSecond, 60 * messagesPerSecond),
    registrationOpen: settings.registration === 'open',
    version,
    maxLineBytes: settings.maxLineBytes,
  };
}

function makeDoor(settings: Settings, services: Services): FrontDoor {
  const { log, rooms } = services;
  const { connectionsPerMinute } = settings;
  const isExempt = rangeTest(settings.exemptAddresses);
  const dispatch = dispatcher(services);
  const leaveRoom: Session['leaveRoom'] = (member, reason) => rooms.leave(member, reason);
  return new FrontDoor({
    connection: {
      maxLineBytes: settings.maxLineBytes,
      maxOutboxBytes: settings.maxOutboxBytes,
      stallMilliseconds: settings.stallSeconds * 1000,
      deadlines: makeDeadlines({
        login: settings.loginSeconds * 1000, guestLine: settings.lineSeconds * 1000, userLine: settings.userLineSeconds * 1000,
      }),
      turnEnd: new TurnEnd(),
    },
    admission: new Admission({
      maxConnections: Math.min(settings.maxConnections, connectionRoom()),
      maxPerAddress: settings.maxConnectionsPerAddress,
      rate: new Throttle(connectionsPerMinute, connectionsPerMinute),
      isExempt,
      now,
    }),
    greeting: settings.greeting,
    log,
    openSession: (id, { address, local, encrypted }, connection) => new Session(
      id, { address, limitKey: limitKey(address), confidential: local || encrypted, exempt: isExempt(address) }, connection.outbox, dispatch,
      leaveRoom, connection,
    ),
  });
}

async function openStore(settings: Settings, log: Logger): Promise<Store<Post>> {
  const store = await SqliteStore.open<Post>(settings.data, settings.durability);
  store.listen({
    committed: deliver,
    failed: (posts, err) => {
      log.error({ err, messages: posts.length }, 'commit_failed');
      refuse(posts);
    },
    broken: (err) => {
      // Whether the batch is on disk can't be known: nobody is told anything more.
      log.fatal({ err, data: settings.data }, 'store_broken');
      process.exit(1);
    },
  });
  return store;
}

async function run(settings: Settings, version: string): Promise<void> {
  const encryption = settings.tlsListen.length === 0 ? undefined : Encryption.read(settings.tlsCertificate, settings.tlsKey);
  const log = createLog(settings.logLevel);
  const store = await openStore(settings, log);
  const services = makeServices(settings, store, log, version);
  const door = makeDoor(settings, services);
  const listeners: Listener[] = [];
  const isProxy = rangeTest(settings.trustedProxies);
  const open = async ({ host, port }: ListenAddress, encryption?: Encryption): Promise<void> => {
    const proxied = settings.proxyProtocol.some((each) => each.host === host && each.port === port);
    const entrance = { encryption, isProxy: proxied ? isProxy : undefined };
    listeners.push(await listen(host, port, (socket) => door.enter(socket, entrance)));
  };
  for (const address of settings.listen) await open(address);
  const plain = listeners.length;
  for (const address of settings.tlsListen) await open(address, encryption);

  if (settings.maxConnections > connectionRoom()) {
    log.warn({ max_connections: settings.maxConnections, room_for: connectionRoom() }, 'open_files_limit_connections');
  }
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping');
    setTimeout(() => {
      log.warn('stop_timed_out');
      process.exit(0);
    }, stopLimitMilliseconds).unref();
    for (const listener of listeners) listener.close();
    services.accounts.close();
    await door.close('the server is stopping', stopRetryMilliseconds);
    await store.close();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
  log.info({
    version, pid: process.pid, data: settings.data, durability: store.durability, addresses: listeners.slice(0, plain).map(({ address }) => address),
    ...(encryption === undefined ? {} : { tls_addresses: listeners.slice(plain).map(({ address }) => address) }),
  }, 'ready');
}

/** What `bin/salond` calls. Prints to standard error, a line each, why the daemon can't start. */
export async function main(): Promise<void> {
  const version = readVersion();
  const asked = invocation(process.argv.slice(2), process.env, version);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const fail = (text: string): void => {
    for (const line of text.split('\n')) process.stderr.write(`salond: ${line}\n`);
    process.exitCode = 1;
  };
  if (asked.kind === 'print') return print(asked.text);
  if (asked.kind === 'error') return fail(asked.text);
  if (asked.kind === 'check') return print('the settings are good');
  // What is kept, password hashes among it, is for this user's eyes.
  process.umask(0o077);
  try {
    if (asked.kind === 'check-data') {
      const found = await checkData(asked.folder);
      if (found.length > 0) fail(found.join('\n'));
      else print('the data is as it was written');
      process.exit();
    }
    await run(asked.settings, version);
  } catch (error) {
    if (!(error instanceof DataError) && !(error instanceof ListenError)) throw error;
    fail(error.message);
    process.exit();
  }
}
