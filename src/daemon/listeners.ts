// Opens and closes the listeners of clients and operators. Clients connect to the sockets that the service manager
// hands over or, without any, to the addresses in the settings.
import { closeSync, lstatSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import { inNetworks } from '../ip/networks.js';
import type { ListenerOptions } from '../net/acceptor.js';
import type { ConfiguredAddress, ResolvedAddress } from '../net/listen-addresses.js';
import { socketAddress } from '../net/addresses.js';
import { lineServer, listen, listenInherited, type Listener } from '../net/listener.js';
import type { TlsUpgrader } from '../net/tls.js';
import { listenUnix, maxSocketPathBytes } from '../net/unix-listener.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';
import type { Parts } from './assemble.js';

/** Whether clients can use TLS. The sockets from the service manager decide or, without any, the settings. */
export function usesTls(settings: Settings, { clients }: InheritedSockets): boolean {
  return clients.length > 0 ? clients.some(({ name }) => name === 'tls') : settings.tlsListen.length > 0;
}

/** The names of the settings with addresses to listen on, as in the file and in `ConfiguredAddress.setting`. */
const listenSettings = { listen: 'listen', tlsListen: 'tls_listen', metricsListen: 'metrics_listen' } as const;

/** The addresses of the settings to listen on: for metrics, and for clients unless their sockets are handed over. */
export function configuredAddresses(
  settings: Settings,
  { clients }: Pick<InheritedSockets, 'clients'>,
): readonly ConfiguredAddress[] {
  const names =
    clients.length === 0 ? (['listen', 'tlsListen', 'metricsListen'] as const) : (['metricsListen'] as const);
  return names.flatMap((name) =>
    settings[name].flatMap((place) =>
      'path' in place ? [] : [{ setting: listenSettings[name], host: place.host, port: place.port }],
    ),
  );
}

/** The paths of the Unix sockets for clients in the settings: none if the clients' sockets are handed over. */
export function configuredSockets(
  { listen: places }: Settings,
  { clients }: Pick<InheritedSockets, 'clients'>,
): readonly string[] {
  return clients.length > 0 ? [] : places.flatMap((place) => ('path' in place ? [place.path] : []));
}

/** Whether the address is one of `metrics_listen`. */
export function isForMetrics({ setting }: ConfiguredAddress): boolean {
  return setting === listenSettings.metricsListen;
}

/** The path of the control socket; undefined if no setting names one and the path in the data folder is too long. */
export function controlSocketPath({ controlSocket, data }: Settings): string | undefined {
  if (controlSocket !== '') return controlSocket;
  const path = resolve(data, 'control');
  return Buffer.byteLength(path) > maxSocketPathBytes ? undefined : path;
}

/** The options of the listeners. */
export interface ListenersOptions {
  readonly live: LiveSettings;
  readonly parts: Parts;
  /** Undefined if clients can't use TLS. */
  readonly tls: TlsUpgrader | undefined;
  readonly inherited: InheritedSockets;
  /** The resolved addresses of `configuredAddresses`. */
  readonly addresses: readonly ResolvedAddress[];
  readonly log: Logger;
}

/** The open listeners of clients and operators. */
export class Listeners {
  readonly #options: ListenersOptions;
  readonly #plain: Listener[] = [];
  readonly #tls: Listener[] = [];
  #control: Listener | undefined;

  private constructor(options: ListenersOptions) {
    this.#options = options;
  }

  /** Opens all listeners, or none. Rejects with ListenError. */
  static async open(options: ListenersOptions): Promise<Listeners> {
    const listeners = new Listeners(options);
    try {
      await listeners.#openClients();
      await listeners.#openControl();
    } catch (error) {
      listeners.close();
      throw error;
    }
    return listeners;
  }

  /** Where clients and operators can connect, as the log event `ready` has it. */
  get addresses(): {
    readonly addresses: readonly string[];
    readonly tls_addresses?: readonly string[];
    readonly control?: string;
  } {
    const addressesOf = (listeners: readonly Listener[]): string[] => listeners.flatMap(({ addresses }) => addresses);
    const [control] = this.#control?.addresses ?? [];
    return {
      addresses: addressesOf(this.#plain),
      ...(this.#options.tls === undefined ? {} : { tls_addresses: addressesOf(this.#tls) }),
      ...(control === undefined ? {} : { control }),
    };
  }

  /** Accepts no more clients. Operators can still connect. */
  closeToClients(): void {
    for (const listener of [...this.#plain, ...this.#tls]) listener.close();
  }

  /** Accepts no more clients and no more operators. */
  close(): void {
    this.closeToClients();
    this.#control?.close();
  }

  async #openClients(): Promise<void> {
    const { inherited, addresses, tls, live } = this.#options;
    for (const { fd, name } of inherited.clients) {
      if (name === 'tls') this.#tls.push(await this.#inherit(fd, tls));
      else this.#plain.push(await this.#inherit(fd, undefined));
    }
    for (const address of addresses) {
      if (address.setting === listenSettings.listen) this.#plain.push(await this.#listen(address, undefined));
      if (address.setting === listenSettings.tlsListen) this.#tls.push(await this.#listen(address, tls));
    }
    for (const path of configuredSockets(live.current, inherited)) this.#plain.push(await this.#listenUnix(path));
  }

  async #openControl(): Promise<void> {
    const { inherited, live, log, parts } = this.#options;
    const path = controlSocketPath(live.current);
    for (const fd of inherited.control) closeSync(fd);
    if (inherited.control.length > 0) {
      log.warn({ path }, 'control_socket_ignored');
      // The service manager listens there as long as its unit is active, so the daemon could not create its own socket.
      if (path !== undefined && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    }
    // The operator did not choose the default path, so the start must not fail: the daemon runs without a control
    // socket.
    if (path === undefined) log.warn({ path: resolve(live.current.data, 'control') }, 'control_socket_path_too_long');
    else this.#control = await listenUnix(path, 'group', (socket) => parts.operators.accept(socket));
  }

  #listen(address: ResolvedAddress, tls: TlsUpgrader | undefined): Promise<Listener> {
    const options = this.#listenerOptions(tls, address.host, address.port);
    return listen(
      address,
      lineServer((socket) => this.#accept(socket, options)),
    );
  }

  /** Whoever may enter the folder may connect. salond asks for a login, as it does on a loopback address. */
  #listenUnix(path: string): Promise<Listener> {
    const options = { socket: socketAddress(path) };
    return listenUnix(path, 'everybody', (socket) => this.#accept(socket, options));
  }

  async #inherit(fd: number, tls: TlsUpgrader | undefined): Promise<Listener> {
    let options: ListenerOptions = { tls };
    const listener = await listenInherited(fd, (socket) => this.#accept(socket, options));
    // The address is known only now. No connection is accepted before this turn of the event loop ends.
    const [address = ''] = listener.addresses;
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
    options =
      port === undefined ? { tls, socket: socketAddress(address) } : this.#listenerOptions(tls, host, Number(port));
    return listener;
  }

  #accept(socket: Socket, options: ListenerOptions): void {
    this.#options.parts.clients.accept(socket, options);
  }

  /** The options of a listener at that address. A reload changes which proxies are trusted. */
  #listenerOptions(tls: TlsUpgrader | undefined, host: string, port: number): ListenerOptions {
    const { live } = this.#options;
    if (!live.current.proxyProtocol.some((each) => each.host === host && each.port === port)) return { tls };
    let isProxy = inNetworks(live.current.trustedProxies);
    live.onChange(({ trustedProxies }) => {
      isProxy = inNetworks(trustedProxies);
    });
    return { tls, isProxy: (address) => isProxy(address) };
  }
}
