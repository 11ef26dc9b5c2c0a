// Where clients and operators come in: by the sockets that the service manager hands over, else where the settings say.
import { closeSync, lstatSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Logger } from 'pino';
import type { Parts } from './assemble.js';
import { inNetworks } from './ip/networks.js';
import type { Encryption } from './net/encryption.js';
import type { Entrance } from './net/front-door.js';
import { listen, listenInherited, listenUnix, type Listener } from './net/listener.js';
import type { LiveSettings } from './ops/settings/live.js';
import type { ListenAddress, Settings } from './ops/settings/settings.js';
import type { InheritedSockets } from './ops/systemd/sockets.js';

/** The longest path that a Unix socket can have (unix(7)). */
const maxSocketPathBytes = 107;

/** Whether anyone comes in by TLS. The settings say where clients come in, unless sockets for them were handed over. */
export function usesTls(settings: Settings, { clients }: InheritedSockets): boolean {
  return clients.length > 0 ? clients.some(({ name }) => name === 'tls') : settings.tlsListen.length > 0;
}

export class Listening {
  readonly #live: LiveSettings;
  readonly #parts: Parts;
  readonly #encryption: Encryption | undefined;
  readonly #listeners = { plain: [] as Listener[], tls: [] as Listener[], control: [] as Listener[] };

  private constructor(live: LiveSettings, parts: Parts, encryption: Encryption | undefined) {
    this.#live = live;
    this.#parts = parts;
    this.#encryption = encryption;
  }

  /** Rejects with ListenError. */
  static async open(live: LiveSettings, parts: Parts, encryption: Encryption | undefined, inherited: InheritedSockets, log: Logger): Promise<Listening> {
    const listening = new Listening(live, parts, encryption);
    await listening.#openClients(inherited.clients);
    await listening.#openControl(inherited.control, log);
    return listening;
  }

  /** What the log's `ready` tells. */
  get addresses(): { readonly addresses: readonly string[]; readonly tls_addresses?: readonly string[]; readonly control?: string } {
    const [plain, tls, [control]] = [this.#listeners.plain, this.#listeners.tls, this.#listeners.control].map((listeners) => (
      listeners.map(({ address }) => address))) as [string[], string[], string[]];
    return {
      addresses: plain, ...(this.#encryption === undefined ? {} : { tls_addresses: tls }), ...(control === undefined ? {} : { control }),
    };
  }

  closeToClients(): void {
    for (const listener of [...this.#listeners.plain, ...this.#listeners.tls]) listener.close();
  }

  close(): void {
    this.closeToClients();
    for (const listener of this.#listeners.control) listener.close();
  }

  async #openClients(inherited: InheritedSockets['clients']): Promise<void> {
    for (const { fd, name } of inherited) {
      this.#listeners[name].push(await this.#inherit(fd, name === 'tls' ? this.#encryption : undefined));
    }
    if (inherited.length > 0) return;
    for (const address of this.#live.current.listen) this.#listeners.plain.push(await this.#open(address, undefined));
    for (const address of this.#live.current.tlsListen) this.#listeners.tls.push(await this.#open(address, this.#encryption));
  }

  async #openControl(inherited: InheritedSockets['control'], log: Logger): Promise<void> {
    const enter = (socket: Parameters<Parts['operators']['enter']>[0]): void => this.#parts.operators.enter(socket);
    const { control } = this.#listeners;
    const { controlSocket, data } = this.#live.current;
    const path = controlSocket === '' ? resolve(data, 'control') : controlSocket;
    for (const fd of inherited) closeSync(fd);
    if (inherited.length > 0) {
      log.warn({ path }, 'control_socket_ignored');
      // The manager listens on it as long as its unit is active, so the daemon's own could not be made there.
      if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    }
    // Nobody asked for that path, so nobody has to change it: the daemon does without.
    if (controlSocket === '' && Buffer.byteLength(path) > maxSocketPathBytes) log.warn({ path }, 'control_socket_path_too_long');
    else control.push(await listenUnix(path, enter));
  }

  #open({ host, port }: ListenAddress, encryption: Encryption | undefined): Promise<Listener> {
    const entrance = this.#entrance(encryption, host, port);
    return listen(host, port, (socket) => this.#parts.door.enter(socket, entrance));
  }

  async #inherit(fd: number, encryption: Encryption | undefined): Promise<Listener> {
    let entrance: Entrance = { encryption };
    const listener = await listenInherited(fd, (socket) => this.#parts.door.enter(socket, entrance));
    // What it is bound to is known now; nobody has come in before this step ends.
    const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(listener.address) ?? [];
    entrance = this.#entrance(encryption, host, Number(port));
    return listener;
  }

  #entrance(encryption: Encryption | undefined, host: string, port: number): Entrance {
    if (!this.#live.current.proxyProtocol.some((each) => each.host === host && each.port === port)) return { encryption };
    let isProxy = inNetworks(this.#live.current.trustedProxies);
    this.#live.onReplaced(({ trustedProxies }) => { isProxy = inNetworks(trustedProxies); });
    return { encryption, isProxy: (address) => isProxy(address) };
  }
}
