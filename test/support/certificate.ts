// A certificate for a test, by openssl.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder, type Teardown } from './daemon.js';

/** Why a test that needs openssl can't run here; false where it can. */
export function noOpenssl(): string | false {
  return spawnSync('openssl', ['version']).error === undefined ? false : 'openssl is not here: apt-get install openssl';
}

/** The settings of a certificate that is new, signed by itself and good for localhost. */
export function certificate(t: Teardown): { readonly SALOND_TLS_CERTIFICATE: string; readonly SALOND_TLS_KEY: string } {
  const folder = temporaryFolder(t);
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const made = spawnSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=localhost',
    '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate,
  ], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(made.stderr);
  return { SALOND_TLS_CERTIFICATE: certificate, SALOND_TLS_KEY: key };
}
