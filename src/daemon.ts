// The daemon as a whole: how it starts, is watched, reads its settings again, drains and stops.
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Logger } from 'pino';
import { assemble, openStore, type Parts } from './assemble.js';
import { delivered } from './chat/delivery.js';
import { rangeTest } from './net/addresses.js';
import { Encryption } from './net/encryption.js';
import type { Entrance } from './net/front-door.js';
import { listen, listenInherited, listenUnix, ListenError, type Listener } from './net/listener.js';
import type { DaemonControl } from './operator/services.js';
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
const statusMilliseconds = 10_000;

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
  readonly #parts: Parts;
  readonly #encryption: Encryption | undefined;
  readonly #listeners = { plain: [] as Listener[], tls: [] as Listener[], control: [] as Listener[] };
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });
  readonly #begun = performance.now();
  #state: 'running' | 'draining' | 'stopping' = 'running';

  private constructor(live: LiveSettings, around: Surroundings, encryption: Encryption | undefined, assembled: (control: DaemonControl) => Parts) {
    this.#live = live;
    this.#around = around;
    this.#encryption = encryption;
    this.#parts = assembled(this);
    this.#delay.enable();
  }

  /** Rejects with DataError and ListenError where it can't start. */
  static async start(settings: Settings, around: Surroundings): Promise<Daemon> {
    const live = new LiveSettings(settings);
    const usesTls = around.inherited.length === 0 ? settings.tlsListen.length > 0 : around.inherited.some(({ name }) => name === 'tls');
    const encryption = usesTls ? Encryption.read(settings.tlsCertificate, settings.tlsKey) : undefined;
    const store = await openStore(settings, around.log);
    const assembled = await assemble(live, store, around.log, around.version);
    const daemon = new Daemon(live, around, encryption, assembled);
    await daemon.#listen();
    daemon.#watch();
    return daemon;
  }

  async #listen(): Promise<void> {
    const { tlsListen, listen: plainListen, controlSocket, data } = this.#live.current;
    const { inherited } = this.#around;
    const { door, operators } = this.#parts;
    const enter = { plain: this.#entrance(), tls: this.#entrance(this.#encryption), control: {} };
    for (const { fd, name } of inherited) {
      this.#listeners[name].push(await listenInherited(fd, (socket) => (name === 'control' ? operators : door).enter(socket, enter[name])));
    }
    if (inherited.every(({ name }) => name === 'control')) {
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
    const proxied = this.#live.current.proxyProtocol.some((each) => each.host === host && each.port === port);
    const entrance = this.#entrance(encryption, proxied);
    return listen(host, port, (socket) => this.#parts.door.enter(socket, entrance));
  }

  #entrance(encryption?: Encryption, proxied = false): Entrance {
    if (!proxied) return { encryption };
    let isProxy = rangeTest(this.#live.current.trustedProxies);
    this.#live.onReplaced(({ trustedProxies }) => { isProxy = rangeTest(trustedProxies); });
    return { encryption, isProxy: (address) => isProxy(address) };
  }

  /** From here on it is told how the daemon is, and the daemon hears signals. */
  #watch(): void {
    const { log, version, notify } = this.#around;
    const { data, maxConnections, tlsCertificate, tlsKey } = this.#live.current;
    if (maxConnections > connectionRoom()) {
      log.warn({ max_connections: maxConnections, room_for: connectionRoom() }, 'open_files_limit_connections');
    }
    this.#live.onReplaced(({ logLevel }) => { log.level = logLevel; });
    this.#encryption?.watch([tlsCertificate, tlsKey], () => this.#reloadCertificate());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.stop(signal));
    process.on('SIGHUP', () => void this.reload());
    const { plain, tls, control } = this.#listeners;
    const addresses = (listeners: readonly Listener[]): string[] => listeners.map(({ address }) => address);
    log.info({
      version, pid: process.pid, data, durability: this.#parts.services.store.durability, addresses: addresses(plain),
      ...(this.#encryption === undefined ? {} : { tls_addresses: addresses(tls) }), control: control[0]?.address,
    }, 'ready');
    if (notify === undefined) return;
    notify.ready(this.#summary());
    setInterval(() => notify.status(this.#summary()), statusMilliseconds).unref();
    Watchdog.fromEnvironment(process.env, () => this.#parts.services.store.isTaken(nobody).then(() => true), () => notify.alive());
  }

  #summary(): string {
    const { sessions, users, rooms } = this.#counts();
    return `${this.#state}: ${sessions} sessions, ${users} of users, ${rooms} rooms`;
  }

  #counts(): { readonly sessions: number; readonly users: number; readonly rooms: number } {
    const { door, services: { rooms } } = this.#parts;
    let users = 0;
    for (const { session } of door.connections.keys()) if (session.authenticated) users += 1;
    return { sessions: door.connections.size, users, rooms: rooms.size };
  }

  status(): object {
    const { data } = this.#live.current;
    const size = (name: string): number => statSync(join(data, name), { throwIfNoEntry: false })?.size ?? 0;
    const delay = this.#delay.max / 1e6;
    this.#delay.reset();
    return {
      version: this.#around.version, pid: process.pid, uptime: Math.floor((performance.now() - this.#begun) / 1000), state: this.#state,
      durability: this.#parts.services.store.durability, ...this.#counts(), messages: delivered.messages, delivered: delivered.lines,
      memory: process.memoryUsage.rss(), database: size('salond.db'), log: size('salond.db-wal'), loop_delay: Math.round(delay),
    };
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
    log.info(done, 'reloaded');
    this.#reloadCertificate();
    notify?.ready(this.#summary());
    return done;
  }

  /** A certificate that does not fit leaves the one that is used as it is: its two files may be on their way. */
  #reloadCertificate(): void {
    const { tlsCertificate, tlsKey } = this.#live.current;
    try {
      this.#encryption?.reload(tlsCertificate, tlsKey);
      if (this.#encryption !== undefined) this.#around.log.info({ certificate: tlsCertificate }, 'certificate_reloaded');
    } catch (error) {
      if (!(error instanceof ListenError)) throw error;
      this.#around.log.error({ problem: error.message }, 'certificate_unusable');
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

/** Nobody has this name: no user's has a space. */
const nobody = { name: ' ', key: ' ', skeleton: ' ' };

/** Milliseconds over which so many clients come back. */
function spread(clients: number): number {
  return Math.min(maxRetrySpreadMilliseconds, clients * retrySpreadMilliseconds);
}
