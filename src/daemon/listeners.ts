// Where clients and operators come in: by the sockets that the service manager hands over, else where the settings say.
import { closeSync, lstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Parts } from './assemble.js';
import { inNetworks } from '../ip/networks.js';
import type { ResolvedAddress, ConfiguredAddress } from '../net/listen-addresses.js';
import type { TlsUpgrader } from '../net/tls.js';
import type { ListenerOptions } from '../net/acceptor.js';
import { lineServer, listen, listenInherited, type Listener } from '../net/listener.js';
import { listenUnix, maxSocketPathBytes } from '../net/unix-listener.js';
import type { LiveSettings } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';

/** Whether anyone comes in by TLS. The settings say where clients come in, unless sockets for them were handed over. */
export function usesTls(settings: Settings, { clients }: InheritedSockets): boolean {
  return clients.length > 0 ? clients.some(({ name }) => name === 'tls') : settings.tlsListen.length > 0;
}

/** The settings that say where to listen, as far as they count; `setting` of each is one of these names. */
const listenSettings = { listen: 'listen', tlsListen: 'tls_listen', metricsListen: 'metrics_listen' } as const;

/** Where the settings have the daemon listen for clients and for metrics. */
export function configuredAddresses(
  settings: Settings,
  { clients }: Pick<InheritedSockets, 'clients'>,
): readonly ConfiguredAddress[] {
  const names =
    clients.length === 0 ? (['listen', 'tlsListen', 'metricsListen'] as const) : (['metricsListen'] as const);
  return names.flatMap((name) =>
    settings[name].map(({ host, port }) => ({ setting: listenSettings[name], host, port })),
  );
}

/** The path of the control socket; undefined where nobody chose one and the data folder's is too long for it. */
export function controlSocketPath({ controlSocket, data }: Settings): string | undefined {
  if (controlSocket !== '') return controlSocket;
  const path = resolve(data, 'control');
  return Buffer.byteLength(path) > maxSocketPathBytes ? undefined : path;
}

export class Listeners {
  readonly #live: LiveSettings;
  readonly #parts: Parts;
  readonly #encryption: TlsUpgrader | undefined;
  readonly #listeners = { plain: [] as Listener[], tls: [] as Listener[], control: [] as Listener[] };

  private constructor(live: LiveSettings, parts: Parts, encryption: TlsUpgrader | undefined) {
    this.#live = live;
    this.#parts = parts;
    this.#encryption = encryption;
  }

  /** `bindings` are those of `configuredAddresses`. Rejects with ListenError. */
  static async open(
    live: LiveSettings,
    parts: Parts,
    encryption: TlsUpgrader | undefined,
    inherited: InheritedSockets,
    bindings: readonly ResolvedAddress[],
    log: Logger,
  ): Promise<Listeners> {
    const listening = new Listeners(live, parts, encryption);
    await listening.#openClients(inherited.clients, bindings);
    await listening.#openControl(inherited.control, log);
    return listening;
  }

  /** What the log's `ready` tells. */
  get addresses(): {
    readonly addresses: readonly string[];
    readonly tls_addresses?: readonly string[];
    readonly control?: string;
  } {
    const [plain, tls, [control]] = [this.#listeners.plain, this.#listeners.tls, this.#listeners.control].map(
      (listeners) => listeners.flatMap(({ addresses }) => addresses),
    ) as [string[], string[], string[]];
    return {
      addresses: plain,
      ...(this.#encryption === undefined ? {} : { tls_addresses: tls }),
      ...(control === undefined ? {} : { control }),
    };
  }

  closeToClients(): void {
    for (const listener of [...this.#listeners.plain, ...this.#listeners.tls]) listener.close();
  }

  close(): void {
    this.closeToClients();
    for (const listener of this.#listeners.control) listener.close();
  }

  async #openClients(inherited: InheritedSockets['clients'], bindings: readonly ResolvedAddress[]): Promise<void> {
    for (const { fd, name } of inherited) {
      this.#listeners[name].push(await this.#inherit(fd, name === 'tls' ? this.#encryption : undefined));
    }
    for (const binding of bindings) {
      if (binding.setting === listenSettings.listen) this.#listeners.plain.push(await this.#open(binding, undefined));
      if (binding.setting === listenSettings.tlsListen)
        this.#listeners.tls.push(await this.#open(binding, this.#encryption));
    }
  }

  async #openControl(inherited: InheritedSockets['control'], log: Logger): Promise<void> {
    const enter = (socket: Parameters<Parts['operators']['enter']>[0]): void => this.#parts.operators.enter(socket);
    const { control } = this.#listeners;
    const path = controlSocketPath(this.#live.current);
    for (const fd of inherited) closeSync(fd);
    if (inherited.length > 0) {
      log.warn({ path }, 'control_socket_ignored');
      // The manager listens on it as long as its unit is active, so the daemon's own could not be made there.
      if (path !== undefined && lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    }
    // Nobody asked for that path, so nobody has to change it: the daemon does without.
    if (path === undefined)
      log.warn({ path: resolve(this.#live.current.data, 'control') }, 'control_socket_path_too_long');
    else control.push(await listenUnix(path, enter));
  }

  #open(binding: ResolvedAddress, encryption: TlsUpgrader | undefined): Promise<Listener> {
    const entrance = this.#entrance(encryption, binding.host, binding.port);
    return listen(
      binding,
      lineServer((socket) => this.#parts.door.enter(socket, entrance)),
    );
  }

  async #inherit(fd: number, encryption: TlsUpgrader | undefined): Promise<Listener> {
    let entrance: ListenerOptions = { encryption };
    const listener = await listenInherited(fd, (socket) => this.#parts.door.enter(socket, entrance));
    // What it is bound to is known now; nobody has come in before this step ends.
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(listener.addresses[0] ?? '') ?? [];
    entrance = this.#entrance(encryption, host, Number(port));
    return listener;
  }

  #entrance(encryption: TlsUpgrader | undefined, host: string, port: number): ListenerOptions {
    if (!this.#live.current.proxyProtocol.some((each) => each.host === host && each.port === port))
      return { encryption };
    let isProxy = inNetworks(this.#live.current.trustedProxies);
    this.#live.onReplaced(({ trustedProxies }) => {
      isProxy = inNetworks(trustedProxies);
    });
    return { encryption, isProxy: (address) => isProxy(address) };
  }
}
