// `salond --check-config`: all that a start tries, tried without changing anything, and beside a daemon that runs with
// the same data.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { controlSocketPath, configuredAddresses } from './listeners.js';
import { AddressConflict, resolveAddresses, type ResolvedAddress } from '../net/listen-addresses.js';
import { CertificateError } from '../net/certificates.js';
import { TlsContext } from '../net/tls.js';
import { lineServer, listen, ListenError } from '../net/listener.js';
import { checkSocketPath } from '../net/unix-listener.js';
import { checkAuditFile, AuditError } from '../ops/audit-file.js';
import type { Settings } from '../ops/settings/settings.js';
import { certificateFiles } from './reload.js';
import { DataError } from '../store/sqlite/data-error.js';
import { inspectFolder, type Inspected } from '../store/sqlite/inspect.js';

export interface ConfigReport {
  /** What a start would fail with, in the order of a start, and an audit log that it would report. */
  readonly errors: readonly Error[];
  /** What could not be tried, a line each. */
  readonly notes: readonly string[];
}

/** Tries everything. Sockets that a service manager would hand over are not known here: it goes by the settings. */
export async function checkConfig(settings: Settings): Promise<ConfigReport> {
  const errors: Error[] = [];
  const notes: string[] = [];
  const tried = async <Result>(step: () => Result | Promise<Result>): Promise<Result | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!isExpected(error)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const bindings = await tried(() => resolveAddresses(configuredAddresses(settings, { clients: [] })));
  // Without sockets for TLS in the settings, it may be that a service manager has them.
  if (settings.tlsListen.length > 0 || settings.tlsCertificate.length > 0)
    await tried(() => TlsContext.read(certificateFiles(settings)));
  // What stands in a data folder that is not there yet comes into being with it.
  const comesWithData = (path: string): boolean =>
    dirname(resolve(path)) === resolve(settings.data) && !existsSync(settings.data);
  if (settings.auditLog !== '' && !comesWithData(settings.auditLog))
    await tried(() => checkAuditFile(settings.auditLog));
  const folder = await tried(() => inspectFolder(settings.data));
  for (const binding of bindings ?? []) await tried(() => tryBinding(binding, folder?.running === true, notes));
  const path = controlSocketPath(settings);
  if (path !== undefined && !comesWithData(path)) await tried(() => tryControl(path, folder));
  if (folder?.owner !== undefined && folder.owner !== process.getuid?.()) {
    notes.push(
      `the data is another user's (${folder.owner}), and what that user may read and write was not tried: check as that user`,
    );
  }
  return { errors, notes };
}

function isExpected(error: unknown): error is Error {
  return [AddressConflict, CertificateError, AuditError, DataError, ListenError].some((kind) => error instanceof kind);
}

/** Listens for a moment where nobody does. */
async function tryBinding(binding: ResolvedAddress, running: boolean, notes: string[]): Promise<void> {
  try {
    (
      await listen(
        binding,
        lineServer((socket) => socket.destroy()),
        binding.setting === 'metrics_listen' ? ' for metrics' : '',
      )
    ).close();
  } catch (error) {
    // By that daemon itself, as a rule.
    if (!running || !(error instanceof ListenError) || error.code !== 'EADDRINUSE') throw error;
    notes.push(`${error.message}, while a salond runs with this data: whether it is the one was not tried`);
  }
}

async function tryControl(path: string, folder: Inspected | undefined): Promise<void> {
  try {
    await checkSocketPath(path);
  } catch (error) {
    if (folder?.running !== true || !(error instanceof ListenError) || error.code !== 'EADDRINUSE') throw error;
  }
}
