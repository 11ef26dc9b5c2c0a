// Starts the daemon, reloads its settings, drains and stops it. Nothing here is global, so a test can run several
// daemons in one process.
import type { Logger } from 'pino';
import { resolveAddresses } from '../net/listen-addresses.js';
import type { Listener } from '../net/listener.js';
import { TlsContext, TlsUpgrader } from '../net/tls.js';
import { finishErasures } from '../session/delete-user.js';
import { finishUnfinished } from '../session/unfinished.js';
import { atOnce } from '../store/store.js';
import type { DaemonControl, Status } from '../operator/services.js';
import { Audit } from '../ops/audit.js';
import { isLevel } from '../ops/log.js';
import { connectionCapacity, filesKeptBack } from '../ops/open-files.js';
import { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { ServiceNotifier } from '../ops/systemd/notify.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';
import { backUp } from '../store/sqlite/backup.js';
import { say } from '../wire/words.js';
import { assemble, type Parts } from './assemble.js';
import { configuredAddresses, isForMetrics, Listeners, usesTls } from './listeners.js';
import { serveMonitoring } from './monitoring.js';
import { certificateFiles, reload, watchCertificates, type Reloadable, type SettingsRead } from './reload.js';
import { ServiceReports } from './service-manager.js';
import { DaemonStatus } from './status.js';
import type { OpenStore } from './store.js';

/** Milliseconds after which the first client may try again after a stop. */
const stopRetryMilliseconds = 2000;

/** Milliseconds per client over which clients spread their return after a stop. */
const retrySpreadMilliseconds = 2;

/** The longest such spread, in milliseconds. */
const maxRetrySpreadMilliseconds = 120_000;

/** Milliseconds after which a stop ends the process, even if something hangs. */
const stopLimitMilliseconds = 9000;

/** Milliseconds that a stop waits for the service manager to take the last messages. */
const notifyLimitMilliseconds = 1000;

/** Milliseconds after a commit for which the store counts as busy. A backup gives way to a busy store. */
const busyMilliseconds = 1000;

/** What a daemon needs from the process in which it runs: that of main.ts, or a test's. */
export interface Surroundings {
  readonly log: Logger;
  readonly version: string;
  /** Reads the settings again, as a start would. */
  readonly readSettings: () => SettingsRead;
  /** Tells the service manager about the daemon; undefined if there is none. */
  readonly notifier: ServiceNotifier | undefined;
  readonly inherited: InheritedSockets;
  readonly openStore: OpenStore;
  /** Ends the process: with 0 as the last step of a stop, or with 1 when the store broke. In a test it does nothing. */
  readonly exit: (status: number) => void;
}

type State = 'starting' | 'running' | 'draining' | 'stopping';

/** A running daemon. */
export class Daemon implements DaemonControl {
  readonly #surroundings: Surroundings;
  readonly #reloadable: Reloadable;
  readonly #parts: Parts;
  readonly #status: DaemonStatus;
  readonly #reports: ServiceReports;
  #monitoring: Listener | undefined;
  #listeners: Listeners | undefined;
  #state: State = 'starting';
  /** When the drain that is under way will have ended all sessions, on the monotonic clock. */
  #drainEnd = 0;

  private constructor(surroundings: Surroundings, reloadable: Reloadable, compose: (control: DaemonControl) => Parts) {
    this.#surroundings = surroundings;
    this.#reloadable = reloadable;
    this.#parts = compose(this);
    this.#status = new DaemonStatus(this.#parts, reloadable.live.current.data);
    this.#reports = new ServiceReports(surroundings.notifier, this.#status, () => this.#state);
  }

  /** Starts a daemon. Rejects with AddressConflict, CertificateError, DataError, StoreFailure and ListenError. */
  static async start(settings: Settings, surroundings: Surroundings): Promise<Daemon> {
    const { log, version, inherited, openStore, exit } = surroundings;
    const live = new LiveSettings(settings);
    const addresses = await resolveAddresses(configuredAddresses(settings, inherited));
    const tls = usesTls(settings, inherited) ? new TlsUpgrader(TlsContext.read(certificateFiles(settings))) : undefined;
    const store = await openStore(settings, log);
    // The audit log may be in the data folder, which exists only now.
    const audit = new Audit(log, settings.auditLog);
    const compose = await assemble({ live, store, log, audit, version, onStoreBroken: () => exit(1) });
    const daemon = new Daemon(surroundings, { live, audit, tls, inherited, log }, compose);
    try {
      const metrics = addresses.find(isForMetrics);
      if (metrics !== undefined)
        daemon.#monitoring = await serveMonitoring(metrics, live, daemon.#status, version, () => daemon.#state);
      daemon.#listeners = await Listeners.open({ live, parts: daemon.#parts, tls, inherited, addresses, log });
    } catch (error) {
      daemon.#monitoring?.close();
      daemon.#release();
      await daemon.#parts.upkeep.close();
      await store.close();
      throw error;
    }
    daemon.#run(daemon.#listeners);
    return daemon;
  }

  /**
   * Reports to the log and the service manager that clients can connect, and starts to watch settings and certificates.
   */
  #run(listeners: Listeners): void {
    this.#state = 'running';
    const { log, version } = this.#surroundings;
    const { live } = this.#reloadable;
    const warnOfFileLimit = (settings: Settings): void => {
      const { maxConnections } = settings;
      const capacity = connectionCapacity(filesKeptBack(settings));
      if (maxConnections > capacity)
        log.warn({ max_connections: maxConnections, room_for: capacity }, 'open_files_limit_connections');
    };
    warnOfFileLimit(live.current);
    live.onChange(warnOfFileLimit);
    live.onChange(({ logLevel }) => {
      log.level = logLevel;
    });
    this.#parts.trimmer.start();
    this.#parts.searchFollower.start();
    watchCertificates(this.#reloadable);
    const { services } = this.#parts;
    for (const finish of [() => finishUnfinished({ ...services, inTurn: atOnce }), () => finishErasures(services)])
      void services.deletions.finish(finish).catch((err: unknown) => log.error({ err }, 'erasure_failed'));
    log.info(
      {
        version,
        pid: process.pid,
        data: live.current.data,
        durability: this.#parts.services.store.log.durability,
        ...listeners.addresses,
        metrics: this.#monitoring?.addresses.join(', '),
      },
      'ready',
    );
    this.#reports.start(process.env);
  }

  /** The reply to the operator command `status`. */
  async status(): Promise<Status> {
    return {
      version: this.#surroundings.version,
      pid: process.pid,
      state: this.#state,
      durability: this.#parts.services.store.log.durability,
      ...(await this.#status.read()),
    };
  }

  resetTime(): Promise<number> {
    return this.#parts.services.store.log.resetTime();
  }

  setLogLevel(level: string): boolean {
    if (!isLevel(level)) return false;
    this.#surroundings.log.level = level;
    return true;
  }

  reload(): ReturnType<DaemonControl['reload']> {
    // The reports of a reload would tell the service manager that the daemon is ready again.
    if (this.#state === 'stopping') return { problem: 'the daemon is stopping' };
    this.#reports.reloading();
    const result = reload(this.#surroundings.readSettings(), this.#reloadable);
    this.#reports.reloaded();
    return result;
  }

  backUp(piece: (bytes: Buffer) => Promise<void>): ReturnType<DaemonControl['backUp']> {
    const { log } = this.#parts.services.store;
    const isBusy = (): boolean => performance.now() - (log.writing.lastCommit ?? -Infinity) < busyMilliseconds;
    return backUp(this.#reloadable.live.current.data, piece, isBusy);
  }

  drain(seconds: number): ReturnType<DaemonControl['drain']> {
    const { clients } = this.#parts;
    const sessions = clients.connections.size;
    const changed = this.#state === 'draining';
    if (!changed && this.#state !== 'running') return { sessions, changed };
    this.#state = 'draining';
    this.#drainEnd = performance.now() + seconds * 1000;
    this.#surroundings.log.info({ sessions, seconds }, 'draining');
    this.#reports.report();
    this.#listeners?.closeToClients();
    // Clients should come back after the stop, and not all at once.
    const retryAfter = (): number =>
      Math.round(
        Math.max(0, this.#drainEnd - performance.now()) + stopRetryMilliseconds + Math.random() * retrySpread(sessions),
      );
    const drained = clients.drain(say('reasons.server_draining'), seconds * 1000, retryAfter);
    if (!changed) void drained.then(() => this.stop('drained'));
    return { sessions, changed };
  }

  /**
   * Stops: answers the requests that came, sends a 199 to all clients, closes the store and ends the process, within
   * nine seconds. Fulfils when everything is closed. `reason` is for the log: the signal, or another cause.
   */
  async stop(reason: string): Promise<void> {
    if (this.#state === 'stopping') return;
    const { log, exit } = this.#surroundings;
    const { clients, operators, services, known, upkeep, trimmer, searchFollower } = this.#parts;
    this.#state = 'stopping';
    log.info({ signal: reason }, 'stopping');
    this.#reports.stopping();
    let waitsFor = 'clients';
    const limit = setTimeout(() => {
      log.warn({ waits_for: waitsFor }, 'stop_timed_out');
      exit(0);
    }, stopLimitMilliseconds).unref();
    // An erasure may take minutes. Whoever waits for one has to be answered before the connections are closed.
    services.deletions.close();
    services.store.erasures.stop();
    this.#listeners?.close();
    this.#monitoring?.close();
    services.accounts.close();
    known.close();
    const spread = retrySpread(clients.connections.size);
    const cutOff = await Promise.all([
      clients.close(say('reasons.server_stopping'), () => Math.round(stopRetryMilliseconds + Math.random() * spread)),
      operators.close(say('reasons.server_stopping'), () => stopRetryMilliseconds),
    ]);
    // The last requests may have been logins, from new addresses.
    known.close();
    waitsFor = 'trimming';
    await trimmer.stop();
    waitsFor = 'the index of what was said';
    await searchFollower.stop();
    waitsFor = 'tokens and times to be stored';
    await upkeep.close();
    await services.lastSeen.close();
    waitsFor = 'the store to close';
    await services.store.close();
    waitsFor = 'the service manager';
    await this.#reports.close(notifyLimitMilliseconds);
    clearTimeout(limit);
    this.#release();
    log.info({ cut_off: cutOff.reduce((sum, each) => sum + each, 0) }, 'stopped');
    exit(0);
  }

  /** Frees everything that the end of the process would free: a test's process goes on. */
  #release(): void {
    this.#status.close();
    this.#reloadable.tls?.unwatch();
    this.#reloadable.audit.close();
    this.#parts.clients.destroy();
    this.#parts.operators.destroy();
  }
}

/** Milliseconds over which that number of clients spreads its return. */
function retrySpread(clients: number): number {
  return Math.min(maxRetrySpreadMilliseconds, clients * retrySpreadMilliseconds);
}
