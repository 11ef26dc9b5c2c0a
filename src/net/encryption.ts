// TLS on connections that have come in: nothing older than 1.2, the runtime's own choice of ciphers, and ten seconds for the handshake.
import { unwatchFile, watchFile } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { Certificates, type CertificateFiles } from './certificates.js';

/** A handshake takes one or two ways there and back. */
const handshakeMilliseconds = 10_000;

/** Between two looks at the files. */
const watchMilliseconds = 5000;

/** `user` is the name in the client's certificate, where an authority that is trusted for it has signed that. */
export type OnSecure = (encrypted: TLSSocket, user: string | undefined) => void;

export class Encryption {
  readonly #server: Server;
  #certificates: Certificates;
  #watched: readonly string[] = [];
  /** Who gets a connection that is in its handshake. */
  readonly #waiting = new Map<string, OnSecure>();

  private constructor(certificates: Certificates, asksForCertificate: boolean) {
    this.#certificates = certificates;
    // It never listens: connections are handed to it, so that they are counted before they cost a handshake.
    this.#server = createServer({
      ...certificates.options, handshakeTimeout: handshakeMilliseconds, allowHalfOpen: true,
      SNICallback: (name, callback) => callback(null, this.#certificates.contextFor(name)),
      // Who has none that is good comes in all the same, and says who it is by a password.
      requestCert: asksForCertificate, rejectUnauthorized: false,
    });
    // No handshake: a scanner, say, or one who speaks plain lines. `close` of the connection under it follows.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#server.on('secureConnection', (socket) => this.#waiting.get(nameOf(socket))?.(socket, asksForCertificate ? userOf(socket) : undefined));
  }

  /** Throws CertificateError. */
  static read(files: CertificateFiles): Encryption {
    return new Encryption(Certificates.read(files), files.clientAuthority !== undefined);
  }

  /** Reads the files again, for the handshakes to come. Throws CertificateError, and goes on with what it has. */
  reload(files: CertificateFiles): void {
    this.#certificates = Certificates.read(files);
    this.#server.setSecureContext(this.#certificates.options);
  }

  /** Calls `onChange` when one of the files has become another, some seconds later; in the place of what was watched before. */
  watch({ certificates, keys, clientAuthority }: CertificateFiles, onChange: () => void): void {
    for (const path of this.#watched) unwatchFile(path);
    this.#watched = [...certificates, ...keys, ...(clientAuthority === undefined ? [] : [clientAuthority])];
    for (const path of this.#watched) watchFile(path, { interval: watchMilliseconds, persistent: false }, onChange);
  }

  /** Hands the encrypted connection on when the handshake is done. One that fails ends, and `socket` with it. */
  secure(socket: Socket, onSecure: OnSecure): void {
    const name = nameOf(socket);
    this.#waiting.set(name, onSecure);
    socket.once('close', () => this.#waiting.delete(name));
    this.#server.emit('connection', socket);
  }
}

/** The common name of a client's certificate that is good. */
function userOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  // Without a certificate the runtime answers an empty object, whatever its types say.
  const { subject }: { readonly subject?: { readonly CN?: unknown } } = socket.getPeerCertificate();
  return typeof subject?.CN === 'string' ? subject.CN : undefined;
}

/** Both ends' addresses: an encrypted connection has those of the one under it. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0} ${localAddress ?? ''} ${localPort ?? 0}`;
}
