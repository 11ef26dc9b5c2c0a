// Creates certificates for tests, by openssl.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder, type Teardown } from './daemon.js';

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
}

/** The paths of a certificate and of its key, in PEM. */
export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

/** Creates a certificate for a name, signed by an authority or by itself. */
export function makeCertificate(t: Teardown, name: string, authority?: CertificateFiles): CertificateFiles {
  const folder = temporaryFolder(t);
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const ca = authority === undefined ? [] : ['-CA', authority.certificate, '-CAkey', authority.key];
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
    '-subj',
    `/CN=${name}`,
    '-addext',
    `subjectAltName=DNS:${name}`,
    ...ca,
    '-keyout',
    key,
    '-out',
    certificate,
  );
  return { certificate, key };
}

/** Creates a self-signed certificate for localhost. Returns it as settings of the environment. */
export function certificate(t: Teardown): { readonly SALOND_TLS_CERTIFICATE: string; readonly SALOND_TLS_KEY: string } {
  const { certificate: path, key } = makeCertificate(t, 'localhost');
  return { SALOND_TLS_CERTIFICATE: path, SALOND_TLS_KEY: key };
}
