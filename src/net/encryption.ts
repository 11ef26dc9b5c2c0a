// TLS on connections that have come in: nothing older than 1.2, the runtime's own choice of ciphers, and ten seconds for the handshake.
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ListenError } from './listener.js';

/** A handshake takes one or two ways there and back. */
const handshakeMilliseconds = 10_000;

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

  /** From files in PEM: the certificate, with those that it needs, and its private key. Throws ListenError. */
  static read(certificatePath: string, keyPath: string): Encryption {
    const [cert, key] = [readPem(certificatePath), readPem(keyPath)];
    try {
      // It never listens: connections are handed to it, so that they are counted before they cost a handshake.
      return new Encryption(createServer({ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: handshakeMilliseconds, allowHalfOpen: true }));
    } catch (error) {
      throw new ListenError(`${certificatePath} and ${keyPath} are no certificate and its key: ${reasonOf(error)}`);
    }
  }

  /** Hands the encrypted connection on when the handshake is done. One that fails ends, and `socket` with it. */
  secure(socket: Socket, onSecure: (encrypted: TLSSocket) => void): void {
    const name = nameOf(socket);
    this.#waiting.set(name, onSecure);
    socket.once('close', () => this.#waiting.delete(name));
    this.#server.emit('connection', socket);
  }
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ListenError(`${path} can't be read: ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Both ends' addresses: an encrypted connection has those of the one under it. */
function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0} ${localAddress ?? ''} ${localPort ?? 0}`;
}
