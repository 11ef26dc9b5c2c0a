// TLS on connections that have come in: nothing older than 1.2, the runtime's own choice of ciphers, and ten seconds
// for the handshake.
import { unwatchFile, watchFile } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { Certificates, type CertificateFiles } from './certificates.js';

/** A handshake takes one or two ways there and back. */
const handshakeMilliseconds = 10_000;

/** Between two looks at the files. */
const watchMilliseconds = 5000;

/** `user` is the name in the client's certificate, where an authority that is trusted for it has signed that. */
export type OnEncrypted = (encrypted: TLSSocket, user: string | undefined) => void;

/**
 * All that handshakes are made with: certificates, their keys, the authority of clients, and whether clients are asked
 * at all. They belong together, so none of them is ever changed: a reload makes another context. It has session tickets
 * of its own too, since with a ticket a client would come back as one whom a former authority had named.
 */
export class TlsContext {
  readonly files: CertificateFiles;
  readonly authority: Buffer | undefined;
  readonly #server: Server;
  /** Who gets a connection that is in its handshake. */
  readonly #waiting = new WeakMap<Socket, OnEncrypted>();
  #namesUsers: boolean;

  private constructor(files: CertificateFiles, certificates: Certificates) {
    this.files = files;
    this.authority = certificates.authority;
    this.#namesUsers = certificates.authority !== undefined;
    // It never listens: connections are handed to it, so that they are counted before they cost a handshake.
    this.#server = createServer({
      ...certificates.options,
      handshakeTimeout: handshakeMilliseconds,
      allowHalfOpen: true,
      SNICallback: (name, callback) => callback(null, certificates.contextFor(name)),
      // Who has none that is good comes in all the same, and says who it is by a password.
      rejectUnauthorized: false,
    });
    // No handshake: a scanner, say, or one who speaks plain lines. `close` of the connection under it follows.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#server.on('secureConnection', (socket) => this.#secured(socket));
  }

  /** Reads all the files. Throws CertificateError. */
  static read(files: CertificateFiles): TlsContext {
    return new TlsContext(files, Certificates.read(files));
  }

  secure(socket: Socket, onSecure: OnEncrypted): void {
    this.#waiting.set(socket, onSecure);
    this.#server.emit('connection', socket);
  }

  /** Its authority is trusted no more: who ends a handshake from now on is a guest. */
  distrust(): void {
    this.#namesUsers = false;
  }

  #secured(encrypted: TLSSocket): void {
    const socket = underneath(encrypted);
    // Ended meanwhile, by an operator say: nobody waits for it any more.
    if (socket === undefined || socket.destroyed) encrypted.destroy();
    else this.#waiting.get(socket)?.(encrypted, this.#namesUsers ? userOf(encrypted) : undefined);
  }
}

export class TlsUpgrader {
  #context: TlsContext;
  #watched: readonly string[] = [];
  #onChange: () => void = () => undefined;

  constructor(context: TlsContext) {
    this.#context = context;
  }

  /** Makes the handshakes to come with another context. Those that have begun end with the one before. */
  use(context: TlsContext): void {
    const [before, after] = [this.#context.authority, context.authority];
    if (before !== undefined && (after === undefined || !before.equals(after))) this.#context.distrust();
    this.#context = context;
  }

  /**
   * Calls `onChange` when one of the files has become another, some seconds later. Where other files were watched,
   * those are not any more.
   */
  watch({ certificates, keys, clientAuthority }: CertificateFiles, onChange: () => void): void {
    const paths = [...new Set([...certificates, ...keys, ...(clientAuthority === undefined ? [] : [clientAuthority])])];
    // A watch that begins anew would miss what has changed since the files were read.
    if (isDeepStrictEqual(paths, this.#watched)) return;
    this.unwatch();
    this.#watched = paths;
    this.#onChange = onChange;
    for (const path of this.#watched) watchFile(path, { interval: watchMilliseconds, persistent: false }, onChange);
  }

  /** Stops watching all files. */
  unwatch(): void {
    for (const path of this.#watched) unwatchFile(path, this.#onChange);
    this.#watched = [];
  }

  /**
   * Hands the encrypted connection on when the handshake is done. One that fails ends, and `socket` with it; `socket`
   * may be destroyed meanwhile.
   */
  secure(socket: Socket, onSecure: OnEncrypted): void {
    this.#context.secure(socket, onSecure);
  }
}

/** The common name of a client's certificate that is good. */
function userOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  // Without a certificate the runtime answers an empty object, whatever its types say.
  const { subject }: { readonly subject?: { readonly CN?: unknown } } = socket.getPeerCertificate();
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}

/**
 * The connection that was handed to the server. Addresses are no key to it: two connections may have the same, one
 * after the other or over Unix sockets. The runtime has the connection in a member that its types do not name.
 */
function underneath(encrypted: TLSSocket & { readonly _parent?: Socket | null }): Socket | undefined {
  return encrypted._parent ?? undefined;
}
