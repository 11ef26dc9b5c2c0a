// Certificates and their keys, from files: seen to fit, and chosen by the name that a client asks for.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { messageOf } from '../text/reason.js';

/** A certificate or its key can't be used; the message names the file and says why. */
export class CertificateError extends Error {}

/** Paths of files in PEM. */
export interface CertificateFiles {
  /**
   * Certificates, each with those that it needs, and their private keys in the same order. The first is for whoever
   * asks for another name, or none.
   */
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  /** Of the authorities whose certificates name users; undefined where none do. */
  readonly clientAuthority: string | undefined;
}

/**
 * What a handshake is made with. TLS 1.2 is the oldest. `requestCert` and `ca` are set together or not at all: a client
 * that is asked for a certificate where no `ca` is named would be checked against every public authority.
 */
export interface ContextOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
  readonly ca?: Buffer;
  readonly requestCert?: true;
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
  readonly options: ContextOptions;
}

export class Certificates {
  readonly #pairs: readonly [Pair, ...Pair[]];
  /** The authorities' certificates in PEM; undefined where no client is asked for a certificate. */
  readonly authority: Buffer | undefined;

  private constructor(pairs: readonly [Pair, ...Pair[]], authority: Buffer | undefined) {
    this.#pairs = pairs;
    this.authority = authority;
  }

  /** Reads all files, or throws CertificateError. */
  static read({ certificates: [first, ...others], keys, clientAuthority }: CertificateFiles): Certificates {
    if (first === undefined) throw new CertificateError('TLS needs tls_certificate and tls_key');
    const authority = clientAuthority === undefined ? undefined : readAuthority(clientAuthority);
    const pair = (path: string, at: number): Pair => readPair(path, keys[at] ?? '', authority);
    return new Certificates([pair(first, 0), ...others.map((path, at) => pair(path, at + 1))], authority);
  }

  /** Of the first. */
  get options(): ContextOptions {
    return this.#pairs[0].options;
  }

  /** Of the one that is good for the name (RFC 6125, with wildcards), else of the first. */
  contextFor(name: string): SecureContext {
    return (this.#pairs.find(({ certificate }) => certificate.checkHost(name) !== undefined) ?? this.#pairs[0]).context;
  }
}

function readPair(certificatePath: string, keyPath: string, authority: Buffer | undefined): Pair {
  const own = { cert: readPem(certificatePath), key: readPem(keyPath), minVersion: 'TLSv1.2' } as const;
  const options = authority === undefined ? own : ({ ...own, ca: authority, requestCert: true } as const);
  try {
    return { certificate: new X509Certificate(options.cert), context: createSecureContext(options), options };
  } catch (error) {
    throw new CertificateError(`${certificatePath} and ${keyPath} are no certificate and its key: ${messageOf(error)}`);
  }
}

const pemCertificate = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/**
 * The authorities' file. OpenSSL takes one without a certificate, or with half of one, without a word: then nobody is
 * known by one.
 */
function readAuthority(path: string): Buffer {
  const pem = readPem(path);
  const text = pem.toString('latin1');
  const certificates = text.match(pemCertificate) ?? [];
  if (certificates.length === 0 || certificates.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1) {
    throw new CertificateError(`${path} has no whole certificate in PEM, and tls_client_ca needs one`);
  }
  try {
    for (const each of certificates) new X509Certificate(each);
  } catch (error) {
    throw new CertificateError(`${path} has a certificate that can't be read: ${messageOf(error)}`);
  }
  return pem;
}

/** A pipe can't be read a second time, and a device may have no end. */
function readPem(path: string): Buffer {
  let isFile: boolean;
  try {
    isFile = statSync(path).isFile();
    if (isFile) return readFileSync(path);
  } catch (error) {
    throw new CertificateError(`${path} can't be read: ${messageOf(error)}`);
  }
  throw new CertificateError(`${path} can't be read: it is not a plain file`);
}
