// Certificates and their keys, from files: seen to fit, and chosen by the name that a client asks for.
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';

/** A certificate or its key can't be used; the message names the file and says why. */
export class CertificateError extends Error {}

/** Paths of files in PEM. */
export interface CertificateFiles {
  /** Certificates, each with those that it needs, and their private keys in the same order. The first is for whoever asks for another name, or none. */
  readonly certificates: readonly string[];
  readonly keys: readonly string[];
  /** Of the authorities whose certificates name users; undefined where none do. */
  readonly clientAuthority: string | undefined;
}

/** What a handshake is made with. TLS 1.2 is the oldest. */
export interface ContextOptions {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly ca?: Buffer;
  readonly minVersion: 'TLSv1.2';
}

interface Pair {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
  readonly options: ContextOptions;
}

export class Certificates {
  readonly #pairs: readonly Pair[];

  private constructor(pairs: readonly Pair[]) {
    this.#pairs = pairs;
  }

  /** Throws CertificateError. */
  static read({ certificates, keys, clientAuthority }: CertificateFiles): Certificates {
    if (certificates.length === 0) throw new CertificateError('TLS needs tls_certificate and tls_key');
    const ca = clientAuthority === undefined ? {} : { ca: readPem(clientAuthority) };
    return new Certificates(certificates.map((path, at) => readPair(path, keys[at] ?? '', ca)));
  }

  /** Of the first. */
  get options(): ContextOptions {
    return (this.#pairs[0] as Pair).options;
  }

  /** Of the one that is good for the name (RFC 6125, with wildcards), else of the first. */
  contextFor(name: string): SecureContext {
    return (this.#pairs.find(({ certificate }) => certificate.checkHost(name) !== undefined) ?? this.#pairs[0] as Pair).context;
  }
}

function readPair(certificatePath: string, keyPath: string, ca: { readonly ca?: Buffer }): Pair {
  const options = { cert: readPem(certificatePath), key: readPem(keyPath), ...ca, minVersion: 'TLSv1.2' } as const;
  try {
    return { certificate: new X509Certificate(options.cert), context: createSecureContext(options), options };
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
