// The daemon as a whole: how it starts, is watched, reads its settings again, drains and stops.
import type { Logger } from 'pino';
import { assemble, type Parts } from './assemble.js';
import { Condition, serveMetrics } from './condition.js';
import { Listening, listenPlaces, usesTls } from './listening.js';
import { bind } from '../net/binding.js';
import { Encryption, TlsContext } from '../net/encryption.js';
import type { Listener } from '../net/listener.js';
import type { DaemonControl } from '../operator/services.js';
import { Audit } from '../ops/audit.js';
import { isLevel } from '../ops/log.js';
import { connectionRoom } from '../ops/open-files.js';
import { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { Notify } from '../ops/systemd/notify.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';
import { Watchdog } from '../ops/systemd/watchdog.js';
import { certificateFiles, reload, watchCertificates, type Reloadable } from './reload.js';
import type { OpenStore } from './store.js';
import { backUp } from '../store/sqlite/backup.js';

/** When clients may try again after a stop, in milliseconds. */
const stopRetryMilliseconds = 2000;

/** By how much each of them does so later than the one before, in milliseconds; and the most that this comes to. */
const retrySpreadMilliseconds = 2;
const maxRetrySpreadMilliseconds = 120_000;

/** When the process ends after a stop, whatever hangs; milliseconds. */
const stopLimitMilliseconds = 9000;

/** How long a stop waits for the manager to take the last messages; milliseconds. */
const notifyLimitMilliseconds = 1000;

/** Milliseconds between two looks at what the manager is told. */
const statusMilliseconds = 60_000;

/** What a daemon is given by the process that it runs in: the program's main, or a test. */
export interface Surroundings {
  readonly log: Logger;
  readonly version: string;
  /** Reads the settings as a start would read them now, or says what is wrong with them. */
  readonly readSettings: () => Settings | { readonly problem: string };
  readonly notify: Notify | undefined;
  readonly inherited: InheritedSockets;
  readonly openStore: OpenStore;
  /** Ends the process. Called once, as the last step of a stop (0), or when the store broke (1). A test does nothing here. */
  readonly exit: (status: number) => void;
}

export class Daemon implements DaemonControl {
  readonly #live: LiveSettings;
  readonly #around: Surroundings;
  readonly #reloadable: Reloadable;
  readonly #parts: Parts;
  readonly #condition: Condition;
  #metrics: Listener | undefined;
  #listening: Listening | undefined;
  #state: 'starting' | 'running' | 'draining' | 'stopping' = 'starting';
  /** When the drain that is under way will have ended all sessions, on the monotonic clock. */
  #drainEnd = 0;
  /** Ends what is told to the service manager by a timer. */
  #endReports = (): void => undefined;

  private constructor(around: Surroundings, reloadable: Reloadable, assembled: (control: DaemonControl) => Parts) {
    const { live } = reloadable;
    this.#live = live;
    this.#around = around;
    this.#reloadable = reloadable;
    this.#parts = assembled(this);
    this.#condition = new Condition(this.#parts, live.current.data);
  }

  /** Rejects with AddressConflict, CertificateError, DataError and ListenError where it can't start. */
  static async start(settings: Settings, around: Surroundings): Promise<Daemon> {
    const { log, version, inherited } = around;
    const live = new LiveSettings(settings);
    const bindings = await bind(listenPlaces(settings, inherited));
    const encryption = usesTls(settings, inherited)
      ? new Encryption(TlsContext.read(certificateFiles(settings)))
      : undefined;
    const store = await around.openStore(settings);
    // It may be in the data folder, which is there only now.
    const audit = new Audit(log, settings.auditLog);
    const assembled = await assemble(live, store, log, audit, version, () => around.exit(1));
    const daemon = new Daemon(around, { live, audit, encryption, inherited, log }, assembled);
    const metrics = bindings.find(({ setting }) => setting === 'metrics_listen');
    if (metrics !== undefined)
      daemon.#metrics = await serveMetrics(metrics, daemon.#condition, version, () => daemon.#state);
    daemon.#listening = await Listening.open(live, daemon.#parts, encryption, inherited, bindings, log);
    daemon.#watch(daemon.#listening);
    return daemon;
  }

  /** From here on it is told how the daemon is. */
  #watch(listening: Listening): void {
    this.#state = 'running';
    const { log, version, notify } = this.#around;
    const { data } = this.#live.current;
    const warnOfFiles = ({ maxConnections }: Settings): void => {
      if (maxConnections > connectionRoom())
        log.warn({ max_connections: maxConnections, room_for: connectionRoom() }, 'open_files_limit_connections');
    };
    warnOfFiles(this.#live.current);
    this.#live.onReplaced(warnOfFiles);
    this.#live.onReplaced(({ logLevel }) => {
      log.level = logLevel;
    });
    watchCertificates(this.#reloadable);
    log.info(
      {
        version,
        pid: process.pid,
        data,
        durability: this.#parts.services.store.log.durability,
        ...listening.addresses,
        metrics: this.#metrics?.addresses.join(', '),
      },
      'ready',
    );
    if (notify !== undefined) this.#tellManager(notify);
  }

  #tellManager(notify: Notify): void {
    notify.ready(this.#summary());
    const watchdog = Watchdog.fromEnvironment(
      process.env,
      () => this.#condition.health.answers(),
      () => {
        // Together: each time that the manager is told something costs some milliseconds.
        notify.status(this.#summary());
        notify.alive();
      },
    );
    const timer =
      watchdog === undefined
        ? setInterval(() => notify.status(this.#summary()), statusMilliseconds).unref()
        : undefined;
    this.#endReports = () => {
      watchdog?.close();
      clearInterval(timer);
    };
  }

  #summary(): string {
    const { sessions, users, rooms } = this.#condition.counts();
    const { failing } = this.#condition.writing();
    const problem = failing === undefined ? '' : `; nothing can be stored: ${failing}`;
    return `${this.#state}: ${sessions} sessions, ${users} of users, ${rooms} rooms${problem}`;
  }

  async status(): Promise<object> {
    const { version } = this.#around;
    return {
      version,
      pid: process.pid,
      state: this.#state,
      durability: this.#parts.services.store.log.durability,
      ...(await this.#condition.all()),
    };
  }

  resetTime(): Promise<number> {
    return this.#parts.services.store.log.resetTime();
  }

  setLogLevel(level: string): boolean {
    if (!isLevel(level)) return false;
    this.#around.log.level = level;
    return true;
  }

  reload(): ReturnType<DaemonControl['reload']> {
    // The manager would take what it is told for a daemon that has started again.
    if (this.#state === 'stopping') return { problem: 'the daemon is stopping' };
    const { notify } = this.#around;
    notify?.reloading();
    const done = reload(this.#around.readSettings(), this.#reloadable);
    notify?.ready(this.#summary());
    return done;
  }

  backUp(piece: (bytes: Buffer) => Promise<void>): ReturnType<DaemonControl['backUp']> {
    return backUp(this.#live.current.data, piece);
  }

  drain(seconds: number): ReturnType<DaemonControl['drain']> {
    const { door } = this.#parts;
    const sessions = door.connections.size;
    const changed = this.#state === 'draining';
    if (!changed && this.#state !== 'running') return { sessions, changed };
    this.#state = 'draining';
    this.#drainEnd = performance.now() + seconds * 1000;
    this.#around.log.info({ sessions, seconds }, 'draining');
    this.#around.notify?.status(this.#summary());
    this.#listening?.closeToClients();
    // Back when all are gone, and not all at once.
    const retryAfter = (): number =>
      Math.round(
        Math.max(0, this.#drainEnd - performance.now()) + stopRetryMilliseconds + Math.random() * spread(sessions),
      );
    const done = door.drain('the server is about to stop', seconds * 1000, retryAfter);
    if (!changed) void done.then(() => this.stop('drained'));
    return { sessions, changed };
  }

  /** Stops in order, within nine seconds. Fulfils when everything is closed, after `exit` was called. */
  async stop(signal: string): Promise<void> {
    if (this.#state === 'stopping') return;
    const { log, notify } = this.#around;
    const {
      door,
      operators,
      services: { accounts, store },
    } = this.#parts;
    this.#state = 'stopping';
    log.info({ signal }, 'stopping');
    notify?.stopping(this.#summary());
    const limit = setTimeout(() => {
      log.warn('stop_timed_out');
      this.#around.exit(0);
    }, stopLimitMilliseconds).unref();
    this.#listening?.close();
    this.#metrics?.close();
    accounts.close();
    const late = spread(door.connections.size);
    await Promise.all([
      door.close('the server is stopping', () => Math.round(stopRetryMilliseconds + Math.random() * late)),
      operators.close('the server is stopping', () => stopRetryMilliseconds),
    ]);
    await store.close();
    await notify?.told(notifyLimitMilliseconds);
    clearTimeout(limit);
    this.#release();
    log.info('stopped');
    this.#around.exit(0);
  }

  /** Frees what the end of a process would free: the daemon may have been one of several in this process. */
  #release(): void {
    this.#endReports();
    this.#condition.close();
    this.#reloadable.encryption?.unwatch();
    this.#reloadable.audit.close();
    this.#parts.door.destroy();
    this.#parts.operators.destroy();
  }
}

/** Milliseconds over which so many clients come back. */
function spread(clients: number): number {
  return Math.min(maxRetrySpreadMilliseconds, clients * retrySpreadMilliseconds);
}
