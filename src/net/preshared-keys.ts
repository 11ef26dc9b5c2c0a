// The keys of tls_psk_file, by which clients without a certificate come in over TLS (RFC 4279, RFC 8446 §2.2), and how
// it is known which key a client has used.
import { constants, randomBytes } from 'node:crypto';
import { DEFAULT_CIPHERS, type TLSSocket } from 'node:tls';
import { fieldCheck } from '../wire/fields.js';
import { CertificateError, readPlainFile } from './tls-files.js';

/** A user name, a colon, and a key of 16 to 64 bytes in hexadecimal digits. */
const keyLine = /^([^:]+):((?:[0-9a-fA-F]{2}){16,64})$/;

/** Whether a client may name such an identity: that of a user. */
function isName(identity: string): boolean {
  return fieldCheck('username')(identity) === undefined;
}

/**
 * The ciphers of a server that takes pre-shared keys. In TLS 1.3 such a key works with a hash of SHA-256 alone, and
 * OpenSSL ignores it where it has chosen another one: so those ciphers come first. In TLS 1.2 the runtime's own list
 * forbids the key's ciphers for good (`!PSK`); they come before those of certificates, because a client that has a key
 * offers both.
 */
const ciphers = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'ECDHE-PSK-CHACHA20-POLY1305',
  'ECDHE-PSK-AES128-CBC-SHA256',
  'PSK-AES128-GCM-SHA256',
  'PSK-AES256-GCM-SHA384',
  'PSK-CHACHA20-POLY1305',
  'PSK-AES128-CCM',
  ...DEFAULT_CIPHERS.split(':').filter((cipher) => !cipher.startsWith('TLS_') && cipher !== '!PSK'),
].join(':');

/**
 * The options of a TLS context whose clients may use such keys. No session is resumed: a ticket does not say by which
 * key its session began, and in TLS 1.3 nothing else tells a ticket that was taken from a key (`userOf`).
 */
export const presharedOptions = {
  ciphers,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
} as const;

/** The pre-shared keys of users, and who has used one of them. Never changes: a reload reads another one. */
export class PresharedKeys {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #text: string;
  /** Takes the place of a key where a name has none: then a handshake fails as it does for a wrong key. */
  readonly #decoy = randomBytes(32);
  /** The user whose key was given out last for a connection. */
  readonly #named = new WeakMap<TLSSocket, string>();

  private constructor(text: string, keys: ReadonlyMap<string, Buffer>) {
    this.#text = text;
    this.#keys = keys;
  }

  /** Reads a file of lines `username:key`. Lines that begin with # are comments. Throws CertificateError. */
  static read(path: string): PresharedKeys {
    const text = readPlainFile(path, 'private').toString();
    const keys = new Map<string, Buffer>();
    for (const [at, line] of text.split(/\r?\n/).entries()) {
      if (line === '' || line.startsWith('#')) continue;
      const [, name = '', key = ''] = keyLine.exec(line) ?? [];
      // The message shows nothing of the line, which may be a key.
      if (!isName(name))
        throw new CertificateError(`${path}:${at + 1} is not username:key, 16 to 64 bytes in hexadecimal`);
      if (keys.has(name)) throw new CertificateError(`${path}:${at + 1} gives ${name} a second key`);
      keys.set(name, Buffer.from(key, 'hex'));
    }
    return new PresharedKeys(text, keys);
  }

  /** Whether both were read from the same text. */
  equals(other: PresharedKeys): boolean {
    return other.#text === this.#text;
  }

  /**
   * Answers the key of an identity that a client has named, to go on with the handshake: TLS checks whether the client
   * knows it. Null for what can't be a user's name, such as a ticket.
   */
  readonly keyFor = (encrypted: TLSSocket, identity: string): Buffer | null => {
    this.#named.delete(encrypted);
    if (!isName(identity)) return null;
    const key = this.#keys.get(identity);
    if (key !== undefined) this.#named.set(encrypted, identity);
    return key ?? this.#decoy;
  };

  /**
   * The user whose key a client has used in a handshake that succeeded; undefined where it has used none. That its
   * identity was asked for is not enough: a client may name one, and TLS go on without it. In TLS 1.2 the cipher tells
   * whether the key was used. In TLS 1.3 it is a session that was resumed, because no other one is.
   */
  userOf(encrypted: TLSSocket): string | undefined {
    const isUsed =
      encrypted.getProtocol() === 'TLSv1.2' ? encrypted.getCipher().name.includes('PSK') : encrypted.isSessionReused();
    return isUsed ? this.#named.get(encrypted) : undefined;
  }
}
