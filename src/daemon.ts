// The daemon as a whole: how it starts, is watched, reads its settings again, drains and stops.
import type { Logger } from 'pino';
import { assemble, openStore, type Parts } from './assemble.js';
import { Condition, serveMetrics } from './condition.js';
import { Listening, usesTls } from './listening.js';
import { CertificateError, type CertificateFiles } from './net/certificates.js';
import { Encryption } from './net/encryption.js';
import type { Listener } from './net/listener.js';
import type { DaemonControl } from './operator/services.js';
import { Audit } from './ops/audit.js';
import { isLevel } from './ops/log.js';
import { connectionRoom } from './ops/open-files.js';
import { LiveSettings } from './ops/settings/live.js';
import type { Settings } from './ops/settings/settings.js';
import type { Notify } from './ops/systemd/notify.js';
import type { InheritedSocket } from './ops/systemd/sockets.js';
import { Watchdog } from './ops/systemd/watchdog.js';
import { backUp } from './store/sqlite/backup.js';

/** When clients may try again after a stop · what each of them is later than the one before · the latest · when the process ends whatever hangs; milliseconds. */
const stopRetryMilliseconds = 2000;
const retrySpreadMilliseconds = 2;
const maxRetrySpreadMilliseconds = 120_000;
const stopLimitMilliseconds = 9000;

/** Milliseconds between two looks at what the manager is told. */
const statusMilliseconds = 60_000;

export interface Surroundings {
  readonly log: Logger;
  readonly version: string;
  /** The settings as they would be at a start now, or what is wrong with them. */
  readonly readSettings: () => Settings | { readonly problem: string };
  readonly notify: Notify | undefined;
  readonly inherited: readonly InheritedSocket[];
}

export class Daemon implements DaemonControl {
  readonly #live: LiveSettings;
  readonly #around: Surroundings;
  readonly #audit: Audit;
  readonly #parts: Parts;
  readonly #encryption: Encryption | undefined;
  readonly #condition: Condition;
  #metrics: Listener | undefined;
  #listening: Listening | undefined;
  #state: 'starting' | 'running' | 'draining' | 'stopping' = 'starting';
  /** When the drain that is under way will have ended all sessions, on the monotonic clock. */
  #drainEnd = 0;

  private constructor(
    live: LiveSettings, around: Surroundings, audit: Audit, encryption: Encryption | undefined, assembled: (control: DaemonControl) => Parts,
  ) {
    this.#live = live;
    this.#around = around;
    this.#audit = audit;
    this.#encryption = encryption;
    this.#parts = assembled(this);
    this.#condition = new Condition(this.#parts, live.current.data);
  }

  /** Rejects with DataError, CertificateError and ListenError where it can't start. */
  static async start(settings: Settings, around: Surroundings): Promise<Daemon> {
    const live = new LiveSettings(settings);
    const encryption = usesTls(settings, around.inherited) ? Encryption.read(certificateFiles(settings)) : undefined;
    const audit = new Audit(around.log, settings.auditLog);
    const store = await openStore(settings, around.log);
    const assembled = await assemble(live, store, around.log, audit, around.version);
    const daemon = new Daemon(live, around, audit, encryption, assembled);
    const [metrics] = settings.metricsListen;
    if (metrics !== undefined) daemon.#metrics = await serveMetrics(metrics, daemon.#condition, around.version, () => daemon.#state === 'running');
    daemon.#listening = await Listening.open(live, daemon.#parts, encryption, around.inherited, around.log);
    daemon.#watch(daemon.#listening);
    return daemon;
  }

  /** From here on it is told how the daemon is, and the daemon hears signals. */
  #watch(listening: Listening): void {
    this.#state = 'running';
    const { log, version, notify } = this.#around;
    const { data, maxConnections } = this.#live.current;
    if (maxConnections > connectionRoom()) {
      log.warn({ max_connections: maxConnections, room_for: connectionRoom() }, 'open_files_limit_connections');
    }
    this.#live.onReplaced(({ logLevel }) => { log.level = logLevel; });
    const watchCertificates = (): void => this.#encryption?.watch(certificateFiles(this.#live.current), () => void this.#reloadCertificates(this.#live.current));
    watchCertificates();
    this.#live.onReplaced(watchCertificates);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal));
    process.on('SIGHUP', () => void this.reload());
    log.info({
      version, pid: process.pid, data, durability: this.#parts.services.store.durability, ...listening.addresses, metrics: this.#metrics?.address,
    }, 'ready');
    if (notify === undefined) return;
    notify.ready(this.#summary());
    const watchdog = Watchdog.fromEnvironment(process.env, () => this.#condition.healthy(), () => {
      // Together: each time that the manager is told something costs some milliseconds.
      notify.status(this.#summary());
      notify.alive();
    });
    if (watchdog === undefined) setInterval(() => notify.status(this.#summary()), statusMilliseconds).unref();
  }

  #summary(): string {
    const { sessions, users, rooms } = this.#condition.counts();
    return `${this.#state}: ${sessions} sessions, ${users} of users, ${rooms} rooms`;
  }

  status(): object {
    const { version } = this.#around;
    return { version, pid: process.pid, state: this.#state, durability: this.#parts.services.store.durability, ...this.#condition.all() };
  }

  setLogLevel(level: string): boolean {
    if (!isLevel(level)) return false;
    this.#around.log.level = level;
    return true;
  }

  reload(): ReturnType<DaemonControl['reload']> {
    const { notify } = this.#around;
    notify?.reloading();
    const done = this.#takeOver(this.#around.readSettings());
    notify?.ready(this.#summary());
    return done;
  }

  /** All of the new settings that a reload applies, or nothing where something of them is wrong. */
  #takeOver(next: Settings | { readonly problem: string }): ReturnType<DaemonControl['reload']> {
    const { log } = this.#around;
    const problem = 'problem' in next ? next.problem : this.#reloadCertificates(next);
    if ('problem' in next || problem !== undefined) {
      log.error({ problem }, 'reload_failed');
      return { problem: problem ?? '' };
    }
    const done = this.#live.replace(next);
    this.#audit.reopen();
    log.info(done, 'reloaded');
    return done;
  }

  /** Reads the certificates again. What is wrong with them; then those that are used stay, and their files may be on their way. */
  #reloadCertificates(settings: Settings): string | undefined {
    if (this.#encryption === undefined) return undefined;
    const files = certificateFiles(settings);
    try {
      this.#encryption.reload(files);
      this.#around.log.info({ certificates: files.certificates }, 'certificates_reloaded');
      return undefined;
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#around.log.error({ problem: error.message }, 'certificates_unusable');
      return error.message;
    }
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
    const retryAfter = (): number => Math.round(
      Math.max(0, this.#drainEnd - performance.now()) + stopRetryMilliseconds + Math.random() * spread(sessions),
    );
    const done = door.drain('the server is about to stop', seconds * 1000, retryAfter);
    if (!changed) void done.then(() => this.stop('drained'));
    return { sessions, changed };
  }

  async stop(signal: string): Promise<void> {
    if (this.#state === 'stopping') return;
    const { log, notify } = this.#around;
    const { door, operators, services: { accounts, store } } = this.#parts;
    this.#state = 'stopping';
    log.info({ signal }, 'stopping');
    notify?.stopping(this.#summary());
    setTimeout(() => {
      log.warn('stop_timed_out');
      process.exit(0);
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
    log.info('stopped');
    process.exit(0);
  }
}

function certificateFiles({ tlsCertificate, tlsKey, tlsClientCa }: Settings): CertificateFiles {
  return { certificates: tlsCertificate, keys: tlsKey, clientAuthority: tlsClientCa === '' ? undefined : tlsClientCa };
}

/** Milliseconds over which so many clients come back. */
function spread(clients: number): number {
  return Math.min(maxRetrySpreadMilliseconds, clients * retrySpreadMilliseconds);
}
