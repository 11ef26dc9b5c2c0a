// `salond --check-config` and `--check-data`: try what a start would do, and change nothing. --check-config works while
// a daemon runs with the same data.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { AddressConflict, resolveAddresses, type ResolvedAddress } from '../net/listen-addresses.js';
import { ListenError } from '../net/listen-error.js';
import { lineServer, listen } from '../net/listener.js';
import { CertificateError } from '../net/tls-files.js';
import { TlsContext } from '../net/tls.js';
import { checkSocketPath } from '../net/unix-listener.js';
import { AuditError, checkAuditFile } from '../ops/audit-path.js';
import type { Settings } from '../ops/settings/settings.js';
import { contradictions } from '../ops/settings/warnings.js';
import { contractRules } from '../rules.js';
import { DataError } from '../store/sqlite/data-error.js';
import { inspectFolder, type Inspected } from '../store/sqlite/inspect.js';
import { checkData as verifyFolder } from '../store/sqlite/verify.js';
import { isOneOf } from './expected-errors.js';
import { configuredAddresses, configuredSockets, controlSocketPath, isForMetrics } from './listeners.js';
import { certificateFiles } from './reload.js';

/** The result of a check of the settings. */
export interface ConfigReport {
  /** The errors that a start would meet, in its order, and an audit log that can't be written. */
  readonly errors: readonly Error[];
  /** What could not be checked, and limits that contradict each other, one line each. */
  readonly notes: readonly string[];
}

/** Checks everything that a start needs, except sockets that a service manager would hand over. */
export async function checkConfig(settings: Settings): Promise<ConfigReport> {
  const errors: Error[] = [];
  const notes: string[] = [];
  const attempt = async <Result>(step: () => Result | Promise<Result>): Promise<Result | undefined> => {
    try {
      return await step();
    } catch (error) {
      if (!isOneOf(error, AddressConflict, CertificateError, AuditError, DataError, ListenError)) throw error;
      errors.push(error);
      return undefined;
    }
  };
  const addresses = await attempt(() => resolveAddresses(configuredAddresses(settings, { clients: [] })));
  // Certificates without an address for TLS may be meant for a socket that a service manager hands over.
  if (settings.tlsListen.length > 0 || settings.tlsCertificate.length > 0)
    await attempt(() => TlsContext.read(certificateFiles(settings)));
  // A file in a data folder that does not exist yet can't be checked: the start creates the folder.
  const comesWithData = (path: string): boolean =>
    dirname(resolve(path)) === resolve(settings.data) && !existsSync(settings.data);
  if (settings.auditLog !== '' && !comesWithData(settings.auditLog))
    await attempt(() => checkAuditFile(settings.auditLog));
  const folder = await attempt(() => inspectFolder(settings.data));
  for (const address of addresses ?? []) await attempt(() => tryListening(address, folder?.running === true, notes));
  for (const path of configuredSockets(settings, { clients: [] })) {
    if (comesWithStart(path))
      notes.push(`${path}: its folder is not there, which a service manager may make at the start`);
    else if (!comesWithData(path)) await attempt(() => trySocket(path, folder));
  }
  const path = controlSocketPath(settings);
  if (path !== undefined && !comesWithData(path)) await attempt(() => trySocket(path, folder));
  if (folder?.owner !== undefined && folder.owner !== process.getuid?.()) {
    notes.push(
      `the data is another user's (${folder.owner}), and what that user may read and write was not tried: check as that user`,
    );
  }
  notes.push(...contradictions(settings));
  return { errors, notes };
}

/** Checks all data in a folder that no daemon uses. Returns what is wrong, one line each. Rejects with DataError. */
export function checkData(folder: string): Promise<readonly string[]> {
  return verifyFolder(folder, contractRules);
}

/** Listens for a moment. If a daemon runs with the same data, an address in use is a note and no error. */
async function tryListening(address: ResolvedAddress, isRunning: boolean, notes: string[]): Promise<void> {
  try {
    const listener = await listen(
      address,
      lineServer((socket) => socket.destroy()),
      isForMetrics(address) ? ' for metrics' : '',
    );
    listener.close();
  } catch (error) {
    if (!isRunning || !isInUse(error)) throw error;
    // Usually it is that daemon which listens there.
    notes.push(`${error.message}, while a salond runs with this data: whether it is the one was not tried`);
  }
}

/** Whether the folder is one that RuntimeDirectory= of a systemd unit would make. */
function comesWithStart(path: string): boolean {
  return path.startsWith('/run/') && !existsSync(dirname(path));
}

/** Tries whether a socket could be made. If a daemon runs with the same data, it is usually that one's. */
async function trySocket(path: string, folder: Inspected | undefined): Promise<void> {
  try {
    await checkSocketPath(path);
  } catch (error) {
    if (folder?.running !== true || !isInUse(error)) throw error;
  }
}

function isInUse(error: unknown): error is ListenError {
  return error instanceof ListenError && error.code === 'EADDRINUSE';
}
