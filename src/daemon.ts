// The daemon as a whole: how it starts, is watched, reads its settings again, drains and stops.
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { assemble, openStore, type Parts } from './assemble.js';
import { Condition, serveMetrics } from './condition.js';
import { rangeTest } from './net/addresses.js';
import { CertificateError, type CertificateFiles } from './net/certificates.js';
import { Encryption } from './net/encryption.js';
import type { Entrance } from './net/front-door.js';
import { listen, listenInherited, listenUnix, type Listener } from './net/listener.js';
import type { DaemonControl } from './operator/services.js';
import type { MetricsServer } from './metrics/server.js';
import { Audit } from './ops/audit.js';
import { isLevel } from './ops/log.js';
import { connectionRoom } from './ops/open-files.js';
import { LiveSettings } from './ops/settings/live.js';
import type { ListenAddress, Settings } from './ops/settings/settings.js';
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

/** The longest path that a Unix socket can have (unix(7)). */
const maxSocketPathBytes = 107;

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
  readonly #listeners = { plain: [] as Listener[], tls: [] as Listener[], control: [] as Listener[] };
  readonly #condition: Condition;
  #metrics: MetricsServer | undefined;
  #state: 'running' | 'draining' | 'stopping' = 'running';

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
    const usesTls = around.inherited.some(({ name }) => name === 'tls') || (opensItsOwn(around.inherited) && settings.tlsListen.length > 0);
    const encryption = usesTls ? Encryption.read(certificateFiles(settings)) : undefined;
    const audit = new Audit(around.log, settings.auditLog);
    const store = await openStore(settings, around.log);
    const assembled = await assemble(live, store, around.log, audit, around.version);
    const daemon = new Daemon(live, around, audit, encryption, assembled);
    const [metrics] = settings.metricsListen;
    if (metrics !== undefined) daemon.#metrics = await serveMetrics(metrics, daemon.#condition, around.version, () => daemon.#state === 'running');
    await daemon.#listen();
    daemon.#watch();
    return daemon;
  }

  async #listen(): Promise<void> {
    const { tlsListen, listen: plainListen, controlSocket, data } = this.#live.current;
    const { inherited } = this.#around;
    const { operators } = this.#parts;
    for (const { fd, name } of inherited) {
      if (name === 'control') this.#listeners.control.push(await listenInherited(fd, (socket) => operators.enter(socket)));
      else this.#listeners[name].push(await this.#inherit(fd, name === 'tls' ? this.#encryption : undefined));
    }
    if (opensItsOwn(inherited)) {
      for (const address of plainListen) this.#listeners.plain.push(await this.#open(address));
      for (const address of tlsListen) this.#listeners.tls.push(await this.#open(address, this.#encryption));
    }
    if (this.#listeners.control.length === 0) {
      const path = controlSocket === '' ? resolve(data, 'control') : controlSocket;
      if (controlSocket === '' && Buffer.byteLength(path) > maxSocketPathBytes) this.#around.log.warn({ path }, 'control_socket_path_too_long');
      else this.#listeners.control.push(await listenUnix(path, (socket) => operators.enter(socket)));
    }
  }

  #open({ host, port }: ListenAddress, encryption?: Encryption): Promise<Listener> {
    const entrance = this.#entrance(encryption, this.#isProxied(host, port));
    return listen(host, port, (socket) => this.#parts.door.enter(socket, entrance));
  }

  async #inherit(fd: number, encryption?: Encryption): Promise<Listener> {
    let entrance: Entrance = { encryption };
    const listener = await listenInherited(fd, (socket) => this.#parts.door.enter(socket, entrance));
    // What it is bound to is known now; nobody has come in before this step ends.
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(listener.address) ?? [];
    entrance = this.#entrance(encryption, this.#isProxied(host, Number(port)));
    return listener;
  }

  #isProxied(host: string, port: number): boolean {
    return this.#live.current.proxyProtocol.some((each) => each.host === host && each.port === port);
  }

  #entrance(encryption: Encryption | undefined, proxied: boolean): Entrance {
    if (!proxied) return { encryption };
    let isProxy = rangeTest(this.#live.current.trustedProxies);
    this.#live.onReplaced(({ trustedProxies }) => { isProxy = rangeTest(trustedProxies); });
    return { encryption, isProxy: (address) => isProxy(address) };
  }

  /** From here on it is told how the daemon is, and the daemon hears signals. */
  #watch(): void {
    const { log, version, notify } = this.#around;
    const { data, maxConnections } = this.#live.current;
    if (maxConnections > connectionRoom()) {
      log.warn({ max_connections: maxConnections, room_for: connectionRoom() }, 'open_files_limit_connections');
    }
    this.#live.onReplaced(({ logLevel }) => { log.level = logLevel; });
    const watchCertificates = (): void => this.#encryption?.watch(certificateFiles(this.#live.current), () => this.#reloadCertificates());
    watchCertificates();
    this.#live.onReplaced(watchCertificates);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal));
    process.on('SIGHUP', () => void this.reload());
    const { plain, tls, control } = this.#listeners;
    const addresses = (listeners: readonly Listener[]): string[] => listeners.map(({ address }) => address);
    log.info({
      version, pid: process.pid, data, durability: this.#parts.services.store.durability, addresses: addresses(plain),
      ...(this.#encryption === undefined ? {} : { tls_addresses: addresses(tls) }), control: control[0]?.address, metrics: this.#metrics?.address,
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
    const { log, notify, readSettings } = this.#around;
    notify?.reloading();
    const next = readSettings();
    if ('problem' in next) {
      log.error({ problem: next.problem }, 'reload_failed');
      notify?.ready(this.#summary());
      return next;
    }
    const done = this.#live.replace(next);
    this.#audit.reopen();
    log.info(done, 'reloaded');
    this.#reloadCertificates();
    notify?.ready(this.#summary());
    return done;
  }

  /** Certificates that do not fit leave those that are used as they are: their files may be on their way. */
  #reloadCertificates(): void {
    if (this.#encryption === undefined) return;
    const files = certificateFiles(this.#live.current);
    try {
      this.#encryption.reload(files);
      this.#around.log.info({ certificates: files.certificates }, 'certificates_reloaded');
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      this.#around.log.error({ problem: error.message }, 'certificates_unusable');
    }
  }

  backUp(piece: (bytes: Buffer) => Promise<void>): ReturnType<DaemonControl['backUp']> {
    return backUp(this.#live.current.data, piece);
  }

  drain(seconds: number): number {
    const { door } = this.#parts;
    const sessions = door.connections.size;
    if (this.#state !== 'running') return sessions;
    this.#state = 'draining';
    this.#around.log.info({ sessions, seconds }, 'draining');
    this.#around.notify?.status(this.#summary());
    this.#closeListeners();
    const end = performance.now() + seconds * 1000;
    // Back when all are gone, and not all at once.
    door.drain('the server is about to stop', seconds * 1000, () => (
      Math.round(Math.max(0, end - performance.now()) + stopRetryMilliseconds + Math.random() * spread(sessions))));
    setTimeout(() => void this.stop('drained'), seconds * 1000);
    return sessions;
  }

  #closeListeners(): void {
    for (const listener of [...this.#listeners.plain, ...this.#listeners.tls]) listener.close();
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
    this.#closeListeners();
    for (const listener of this.#listeners.control) listener.close();
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

/** Whether the settings say where clients come in: no socket for them was handed over. */
function opensItsOwn(inherited: readonly InheritedSocket[]): boolean {
  return inherited.every(({ name }) => name === 'control');
}

/** Milliseconds over which so many clients come back. */
function spread(clients: number): number {
  return Math.min(maxRetrySpreadMilliseconds, clients * retrySpreadMilliseconds);
}
