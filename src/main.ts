// The one place where the concrete parts meet: settings, log, store, listeners and what lies between them.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Accounts } from './accounts/accounts.js';
import { Passwords } from './accounts/passwords.js';
import { Throttle } from './accounts/throttle.js';
import { deliver, refuse } from './chat/delivery.js';
import type { Post } from './chat/post.js';
import { Rooms } from './chat/rooms.js';
import type { Services } from './commands/services.js';
import { dispatcher } from './commands/table.js';
import { Admission } from './net/admission.js';
import { isLocal, rangeTest, remoteAddress } from './net/addresses.js';
import { Connection } from './net/connection.js';
import { listen, ListenError, type Listener } from './net/listener.js';
import { TurnEnd } from './net/outbox.js';
import { createLog } from './ops/log.js';
import { invocation, type Settings } from './ops/settings.js';
import { Session } from './session/session.js';
import { DataError } from './store/sqlite/folder.js';
import { SqliteStore } from './store/sqlite/store.js';
import type { Store } from './store/store.js';
import { encodeEvent } from './wire/encode.js';

/** Milliseconds that clients have to take their last lines at a stop · after which the process ends whatever hangs. */
const stopGraceMilliseconds = 5000;
const stopLimitMilliseconds = 9000;
/** When clients may try again after a stop. */
const stopRetryMilliseconds = 2000;

const now = (): number => performance.now();

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function makeServices(settings: Settings, store: Store<Post>, log: Logger, version: string): Services {
  const { passwordLogN: logN, passwordR: r, passwordP: p } = settings;
  return {
    store,
    accounts: new Accounts(store, new Passwords({ logN, r, p }, settings.passwordQueue)),
    rooms: new Rooms(store),
    log,
    gates: {
      allowPlaintext: settings.allowPlaintext,
      passwordAttempts: new Throttle(settings.passwordAttemptsPerMinute, settings.passwordAttemptsPerMinute),
      now,
    },
    messageRate: new Throttle(5 * settings.messagesPerSecond, 60 * settings.messagesPerSecond),
    registrationOpen: settings.registration === 'open',
    version,
    maxLineBytes: settings.maxLineBytes,
  };
}

/** Everything that takes connections: makes a session of each that may come in, and ends them all. */
class FrontDoor {
  readonly #settings: Settings;
  readonly #services: Services;
  readonly #dispatch;
  readonly #admission: Admission;
  readonly #isExempt: (address: string) => boolean;
  readonly #turnEnd = new TurnEnd();
  readonly #connections = new Set<Connection>();
  #sessions = 0;
  #emptied: () => void = () => undefined;

  constructor(settings: Settings, services: Services) {
    this.#settings = settings;
    this.#services = services;
    this.#dispatch = dispatcher(services);
    this.#isExempt = rangeTest(settings.exemptAddresses);
    this.#admission = new Admission({
      maxConnections: settings.maxConnections,
      maxPerAddress: settings.maxConnectionsPerAddress,
      rate: new Throttle(settings.connectionsPerMinute, settings.connectionsPerMinute),
      isExempt: this.#isExempt,
      now,
    });
  }

  take(socket: Socket): void {
    const address = remoteAddress(socket);
    const refused = this.#admission.enter(address);
    if (refused !== undefined) {
      this.#services.log.debug({ address, reason: refused.reason }, 'connection_refused');
      socket.on('error', () => undefined).end(encodeEvent('closing', { reason: refused.reason, retry_after: refused.retryAfter }));
      socket.resume();
      return;
    }
    const { maxLineBytes, maxOutboxBytes, stallSeconds, greeting } = this.#settings;
    const settings = { maxLineBytes, maxOutboxBytes, stallMilliseconds: stallSeconds * 1000, turnEnd: this.#turnEnd };
    const connection = new Connection(socket, settings, (made) => this.#openSession(socket, address, made));
    this.#connections.add(connection);
    socket.once('close', () => {
      this.#admission.leave(address);
      this.#connections.delete(connection);
      if (this.#connections.size === 0) this.#emptied();
    });
    if (greeting !== '') connection.outbox.reply(encodeEvent('notice', { text: greeting }));
  }

  #openSession(socket: Socket, address: string, connection: Connection): Session {
    const { log, rooms } = this.#services;
    const id = ++this.#sessions;
    const peer = { address, local: isLocal(socket), exempt: this.#isExempt(address) };
    log.debug({ session: id, address }, 'session_opened');
    socket.once('close', () => log.debug({ session: id }, 'session_closed'));
    return new Session(id, peer, connection.outbox, this.#dispatch,
      (member, reason) => rooms.leave(member, reason), () => connection.proceed());
  }

  /** Answers what has come, says 199 to all and fulfils when all are gone, or the time for that is over. */
  async close(): Promise<void> {
    if (this.#connections.size === 0) return;
    const gone = new Promise<void>((resolve) => { this.#emptied = resolve; });
    for (const connection of this.#connections) connection.finish('the server is stopping', stopRetryMilliseconds);
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, stopGraceMilliseconds))]);
  }
}

async function listenAll(settings: Settings, door: FrontDoor): Promise<Listener[]> {
  const listeners: Listener[] = [];
  for (const { host, port } of settings.listen) listeners.push(await listen(host, port, (socket) => door.take(socket)));
  return listeners;
}

async function run(settings: Settings, version: string): Promise<void> {
  const log = createLog(settings.logLevel);
  const store = await SqliteStore.open<Post>(settings.data);
  store.listen({
    committed: deliver,
    failed: (posts, err) => {
      log.error({ err, messages: posts.length }, 'commit_failed');
      refuse(posts);
    },
    broken: (err) => {
      // Whether the batch is on disk can't be known: nobody is told anything more.
      log.fatal({ err }, 'store_broken');
      process.exit(1);
    },
  });
  const door = new FrontDoor(settings, makeServices(settings, store, log, version));
  const listeners = await listenAll(settings, door);

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
    await door.close();
    await store.close();
    log.info('stopped');
    process.exit(0);
  };
  process.on('SIGTERM', (signal) => void stop(signal));
  process.on('SIGINT', (signal) => void stop(signal));
  log.info({ version, pid: process.pid, data: settings.data, addresses: listeners.map(({ address }) => address) }, 'ready');
}

/** What `bin/salond` calls. Prints to standard error, in one line, why the daemon can't start. */
export async function main(): Promise<void> {
  const version = readVersion();
  const asked = invocation(process.argv.slice(2), process.env, version);
  const give = (text: string): void => void process.stdout.write(`${text}\n`);
  const fail = (text: string): void => {
    process.stderr.write(`salond: ${text}\n`);
    process.exitCode = 1;
  };
  if (asked.kind === 'print') return give(asked.text);
  if (asked.kind === 'error') return fail(asked.text);
  if (asked.kind === 'check') return give('the settings are good');
  // What is kept, password hashes among it, is for this user's eyes.
  process.umask(0o077);
  try {
    await run(asked.settings, version);
  } catch (error) {
    if (!(error instanceof DataError) && !(error instanceof ListenError)) throw error;
    fail(error.message);
    process.exit();
  }
}
