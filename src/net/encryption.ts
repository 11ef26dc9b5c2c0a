// TLS on connections that have come in: nothing older than 1.2, the runtime's own choice of ciphers, and ten seconds for the handshake.
import { readFileSync, watchFile } from 'node:fs';
import type { Socket } from 'node:net';
import { createSecureContext, createServer, type Server, type TLSSocket } from 'node:tls';

/** A certificate or its key can't be used; the message names the file and says why. */
export class CertificateError extends Error {}

/** A handshake takes one or two ways there and back. */
const handshakeMilliseconds = 10_000;

/** Between two looks at the files. */
const watchMilliseconds = 5000;

const options = { minVersion: 'TLSv1.2' } as const;

export class Encryption {
  readonly #server: Server;
  /** Who gets a connection that is in its handshake. */
  readonly #waiting = new Map<string, (encrypted: TLSSocket) => void>();

  private constructor(server: Server) {
    this.#server = server;
    // No handshake: a scanner, say, or one who speaks plain lines. `close` of the connection under it follows.
    this.#server.on('tlsClientError', (_, socket) => socket.destroy());
    this.#server.on('secureConnection', (socket) => this.#waiting.get(nameOf(socket))?.(socket));
  }

  /** From files in PEM: the certificate, with those that it needs, and its private key. Throws CertificateError. */
  static read(certificatePath: string, keyPath: string): Encryption {
    const pair = readPair(certificatePath, keyPath);
    // It never listens: connections are handed to it, so that they are counted before they cost a handshake.
    return new Encryption(createServer({ ...pair, ...options, handshakeTimeout: handshakeMilliseconds, allowHalfOpen: true }));
  }

  /** Reads the files again, for the handshakes to come. Throws CertificateError, and goes on with what it has. */
  reload(certificatePath: string, keyPath: string): void {
    this.#server.setSecureContext({ ...readPair(certificatePath, keyPath), ...options });
  }

  /** Calls `onChange` when one of the files has become another, some seconds later: a renewal writes two. */
  watch(paths: readonly string[], onChange: () => void): void {
    for (const path of paths) watchFile(path, { interval: watchMilliseconds, persistent: false }, onChange);
  }

  /** Hands the encrypted connection on when the handshake is done. One that fails ends, and `socket` with it. */
  secure(socket: Socket, onSecure: (encrypted: TLSSocket) => void): void {
    const name = nameOf(socket);
    this.#waiting.set(name, onSecure);
    socket.once('close', () => this.#waiting.delete(name));
    this.#server.emit('connection', socket);
  }
}

/** A certificate and its key, seen to fit. */
function readPair(certificatePath: string, keyPath: string): { readonly cert: Buffer; readonly key: Buffer } {
  const [cert, key] = [readPem(certificatePath), readPem(keyPath)];
  try {
    createSecureContext({ cert, key });
    return { cert, key };
  } catch (error) {
    throw new CertificateError(`${certificatePath} and ${keyPath} are no certificate and its key: ${reasonOf(error)}`);
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CertificateError(`${path} can't be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Both ends' addresses: an encrypted connection has those of the one under it. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0} ${localAddress ?? ''} ${localPort ?? 0}`;
}
