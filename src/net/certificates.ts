// Loads PEM pairs, checks that they match, selects by SNI.
import { constants, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { reasonOf } from '../text/reason.js';
import { presharedOptions } from './preshared-keys.js';
import { CertificateError, readPlainFile } from './tls-files.js';

/** Paths of files, in PEM but for the pre-shared keys. */
export interface CertificateFiles {
  /** Certificates, each with its chain. The first is used for clients that ask for another name, or for none. */
  readonly certificates: readonly string[];
  /** The certificates' private keys, in the same order. */
  readonly keys: readonly string[];
  /** The authorities whose client certificates name users; undefined if no client is asked for a certificate. */
  readonly clientAuthority: string | undefined;
  /** The pre-shared keys of users (preshared-keys.ts); undefined if clients can't use one. */
  readonly presharedKeys?: string | undefined;
}

/**
 * The options of a TLS handshake. TLS 1.2 is the oldest version. In it a client could ask for handshakes again and
 * again on one connection, which costs the server more than the client: `secureOptions` forbids that. `requestCert` and
 * `ca` are set together or not at all: a client that was asked for a certificate without a `ca` would be checked
 * against every public authority.
 */
export interface ContextOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
  readonly secureOptions: number;
  readonly ciphers?: string;
  readonly ca?: Buffer;
  readonly requestCert?: true;
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
  readonly options: ContextOptions;
}

/** A server's certificates. Each was read and matches its key. */
export class Certificates {
  readonly #pairs: readonly [Pair, ...Pair[]];
  /** The authorities' certificates in PEM; undefined if no client is asked for a certificate. */
  readonly authority: Buffer | undefined;

  private constructor(pairs: readonly [Pair, ...Pair[]], authority: Buffer | undefined) {
    this.#pairs = pairs;
    this.authority = authority;
  }

  /** Reads all files. Throws CertificateError. */
  static read({
    certificates: [first, ...others],
    keys,
    clientAuthority,
    presharedKeys,
  }: CertificateFiles): Certificates {
    if (first === undefined) throw new CertificateError('TLS needs tls_certificate and tls_key');
    const authority = clientAuthority === undefined ? undefined : readAuthority(clientAuthority);
    const pair = (path: string, index: number): Pair =>
      readPair(path, keys[index] ?? '', authority, presharedKeys !== undefined);
    return new Certificates([pair(first, 0), ...others.map((path, index) => pair(path, index + 1))], authority);
  }

  /** The options of the first certificate. */
  get options(): ContextOptions {
    return this.#pairs[0].options;
  }

  /**
   * The context of the first certificate that is valid for the name (RFC 6125, with wildcards), or of the first one.
   */
  contextFor(name: string): SecureContext {
    return (this.#pairs.find(({ certificate }) => certificate.checkHost(name) !== undefined) ?? this.#pairs[0]).context;
  }
}

function readPair(
  certificatePath: string,
  keyPath: string,
  authority: Buffer | undefined,
  takesPresharedKeys: boolean,
): Pair {
  const own = {
    cert: readPlainFile(certificatePath),
    key: readPlainFile(keyPath),
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ...(takesPresharedKeys ? presharedOptions : {}),
  } as const;
  const options = authority === undefined ? own : ({ ...own, ca: authority, requestCert: true } as const);
  try {
    return { certificate: new X509Certificate(options.cert), context: createSecureContext(options), options };
  } catch (error) {
    throw new CertificateError(`${certificatePath} and ${keyPath} are no certificate and its key: ${reasonOf(error)}`);
  }
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/**
 * Reads the authorities' file and checks it. OpenSSL accepts a file without a certificate, or with half of one, in
 * silence, and then no client's certificate would be valid.
 */
function readAuthority(path: string): Buffer {
  const pem = readPlainFile(path);
  const text = pem.toString('latin1');
  const certificates = text.match(pemCertificate) ?? [];
  if (certificates.length === 0 || certificates.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1) {
    throw new CertificateError(`${path} has no whole certificate in PEM, and tls_client_ca needs one`);
  }
  try {
    for (const each of certificates) new X509Certificate(each);
  } catch (error) {
    throw new CertificateError(`${path} has a certificate that can't be read: ${reasonOf(error)}`);
  }
  return pem;
}
