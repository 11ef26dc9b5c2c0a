// Upgrades accepted connections to TLS: version 1.2 or newer, the runtime's own choice of ciphers, no renegotiation.
// handshakes.ts decides when a handshake begins and how long it may take.
import type { Socket } from 'node:net';
import { createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Certificates, type CertificateFiles } from './certificates.js';
import { FileWatch } from './file-watch.js';
import { PresharedKeys } from './preshared-keys.js';

/** Milliseconds between two checks of the files for changes. */
const watchMilliseconds = 5000;

/** A user whom TLS has made sure of. */
export interface TlsUser {
  readonly name: string;
  /** By a certificate that a trusted authority has signed, or by the user's pre-shared key. */
  readonly by: 'certificate' | 'psk';
}

/** Takes the encrypted connection, and the user whom TLS has made sure of, if any. */
export type OnEncrypted = (encrypted: TLSSocket, user: TlsUser | undefined) => void;

/**
 * The certificates, their keys and the clients' authority, ready for handshakes. A context never changes: a reload
 * creates another one. Each has session tickets of its own, because otherwise a client could use a ticket to come back
 * as the user that a former authority had named.
 */
export class TlsContext {
  /** The files that the context was read from. */
  readonly files: CertificateFiles;
  /** The authorities' certificates in PEM; undefined if no client is asked for a certificate. */
  readonly authority: Buffer | undefined;
  /** Undefined if no client can use one. */
  readonly presharedKeys: PresharedKeys | undefined;
  readonly #server: Server;
  /** The callback of each connection whose handshake is under way. */
  readonly #waiting = new WeakMap<Socket, OnEncrypted>();
  #namesUsers = true;

  private constructor(files: CertificateFiles, certificates: Certificates, presharedKeys: PresharedKeys | undefined) {
    this.files = files;
    this.authority = certificates.authority;
    this.presharedKeys = presharedKeys;
    // This server never listens. Connections are passed to it, so that admission counts them before the handshake.
    this.#server = createServer({
      ...certificates.options,
      ...(presharedKeys === undefined ? {} : { pskCallback: presharedKeys.keyFor }),
      allowHalfOpen: true,
      SNICallback: (name, callback) => callback(null, certificates.contextFor(name)),
      // A client without a valid certificate is accepted too, and can authenticate with a password.
      rejectUnauthorized: false,
    });
    // The handshake failed: a scanner, say, or a client that sent plain lines. The raw socket's `close` follows.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#server.on('secureConnection', (socket) => this.#onHandshake(socket));
  }

  /** Reads all the files. Throws CertificateError. */
  static read(files: CertificateFiles): TlsContext {
    const { presharedKeys } = files;
    const keys = presharedKeys === undefined ? undefined : PresharedKeys.read(presharedKeys);
    return new TlsContext(files, Certificates.read(files), keys);
  }

  /** Starts the handshake on a connection. Calls `onEncrypted` if it succeeds, and destroys the socket if it fails. */
  upgrade(socket: Socket, onEncrypted: OnEncrypted): void {
    this.#waiting.set(socket, onEncrypted);
    this.#server.emit('connection', socket);
  }

  /** Stops trusting the authority and the keys: a client whose handshake ends from now on is a guest. */
  distrust(): void {
    this.#namesUsers = false;
  }

  #onHandshake(encrypted: TLSSocket): void {
    const socket = socketUnder(encrypted);
    // The socket may have been destroyed during the handshake, by an operator for example.
    if (socket === undefined || socket.destroyed) encrypted.destroy();
    else this.#waiting.get(socket)?.(encrypted, this.#namesUsers ? this.#userOf(encrypted) : undefined);
  }

  #userOf(encrypted: TLSSocket): TlsUser | undefined {
    const name = this.presharedKeys?.userOf(encrypted);
    if (name !== undefined) return { name, by: 'psk' };
    const named = this.authority === undefined ? undefined : nameInCertificate(encrypted);
    return named === undefined ? undefined : { name: named, by: 'certificate' };
  }
}

/** Upgrades connections with the current context, which a reload replaces. */
export class TlsUpgrader {
  #context: TlsContext;
  #watch: FileWatch | undefined;

  constructor(context: TlsContext) {
    this.#context = context;
  }

  /** Uses another context for new handshakes. Those that have begun end with the former context. */
  replaceContext(context: TlsContext): void {
    const { authority, presharedKeys } = this.#context;
    const isSame =
      (authority === undefined || context.authority?.equals(authority) === true) &&
      (presharedKeys === undefined || context.presharedKeys?.equals(presharedKeys) === true);
    if (!isSame) this.#context.distrust();
    this.#context = context;
  }

  /** Calls `onChange` some seconds after one of the files was changed. Replaces the files that were watched before. */
  watch({ certificates, keys, clientAuthority, presharedKeys }: CertificateFiles, onChange: () => void): void {
    const others = [clientAuthority, presharedKeys].filter((path) => path !== undefined);
    const paths = [...new Set([...certificates, ...keys, ...others])];
    // A new watch would miss a change that came after the files were read.
    if (isDeepStrictEqual(paths, this.#watch?.paths)) return;
    this.unwatch();
    this.#watch = new FileWatch(paths, onChange, watchMilliseconds);
  }

  /** Stops watching all files. */
  unwatch(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  /** Starts the handshake on a connection. Calls `onEncrypted` if it succeeds, and destroys the socket if it fails. */
  upgrade(socket: Socket, onEncrypted: OnEncrypted): void {
    this.#context.upgrade(socket, onEncrypted);
  }
}

/** The common name in a client's certificate, if the certificate is valid. */
function nameInCertificate(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  // Without a certificate the runtime returns an empty object, whatever its types say.
  const { subject } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}

/**
 * The raw socket that was passed to the server. Its addresses would not identify it: two connections may have the same
 * addresses, one after the other or over Unix sockets. Node.js has the raw socket in a member that its types omit.
 */
function socketUnder(encrypted: TLSSocket & { readonly _parent?: Socket | null }): Socket | undefined {
  return encrypted._parent ?? undefined;
}
