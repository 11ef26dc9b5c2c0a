// Applies changed settings while the daemon runs. First creates everything that the new settings need: the TLS context
// and the audit file. Then replaces the old parts, all at once. If anything is wrong, nothing changes.
import type { Logger } from 'pino';
import type { CertificateFiles } from '../net/certificates.js';
import { AddressConflict, checkAddressConflicts } from '../net/listen-addresses.js';
import { CertificateError } from '../net/tls-files.js';
import { TlsContext, type TlsUpgrader } from '../net/tls.js';
import { AuditError, type Audit } from '../ops/audit.js';
import { connectionCapacity, filesKeptBack } from '../ops/open-files.js';
import type { LiveSettings, PlannedReload, ReloadResult } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import { contradictions } from '../ops/settings/warnings.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';
import { isOneOf } from './expected-errors.js';
import { configuredAddresses, usesTls } from './listeners.js';

/** The parts that a reload changes. */
export interface Reloadable {
  readonly live: LiveSettings;
  readonly audit: Audit;
  /** Undefined if clients can't use TLS. */
  readonly tls: TlsUpgrader | undefined;
  readonly inherited: InheritedSockets;
  readonly log: Logger;
}

/** The settings read again, or what is wrong with them. */
export type SettingsRead = Settings | { readonly problem: string };

/**
 * Applies those settings of `next` that need no restart. Returns what changed, what needs a restart, and warnings of
 * settings that can't have their effect; or, if nothing was changed, what is wrong.
 */
export function reload(
  next: SettingsRead,
  parts: Reloadable,
): (ReloadResult & { readonly warnings: readonly string[] }) | { readonly problem: string } {
  const { live, log } = parts;
  try {
    if ('problem' in next) throw new ReloadError(next.problem);
    const plan = live.plan(next);
    const swap = prepare(plan, next, parts);
    live.apply(plan);
    swap();
    const { applied, restart } = plan;
    log.info({ applied, restart }, 'reloaded');
    return { applied, restart, warnings: warningsOf(live.current) };
  } catch (error) {
    if (!isOneOf(error, ReloadError, CertificateError, AuditError, AddressConflict)) throw error;
    if (error instanceof CertificateError) log.error({ problem: error.message }, 'certificates_unusable');
    if (error instanceof AuditError) log.error({ err: error, path: error.path }, 'audit_failed');
    // The audit file is opened again after a failed reload too: if it was moved away, it will be compressed or deleted.
    if (!(error instanceof AuditError && error.path === live.current.auditLog)) reopenAudit(parts);
    log.error({ problem: error.message }, 'reload_failed');
    return { problem: `nothing was changed: ${error.message}` };
  }
}

/** What in the settings can't have the effect that it says, one line each. */
function warningsOf(settings: Settings): readonly string[] {
  const { maxConnections } = settings;
  const capacity = connectionCapacity(filesKeptBack(settings));
  if (capacity >= maxConnections) return contradictions(settings);
  const files = `max_connections ${maxConnections}: the system's limit on open files leaves room for ${capacity}`;
  return [files, ...contradictions(settings)];
}

/**
 * Opens the audit file of the current settings again. If that fails, the failure is logged and the old file stays in
 * use.
 */
function reopenAudit({ audit, live, log }: Reloadable): void {
  try {
    audit.prepare(live.current.auditLog)();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    log.error({ err: error, path: error.path }, 'audit_failed');
  }
}

/** The new settings are wrong. The message says how. */
class ReloadError extends Error {}

/**
 * Creates what the new settings need, and returns the function that puts it to use. Throws the errors that `reload`
 * expects.
 */
function prepare({ settings, restart }: PlannedReload, next: Settings, parts: Reloadable): () => void {
  const { audit, tls, inherited } = parts;
  // Settings that wait for a restart are checked too: otherwise the next start would fail.
  checkAddressConflicts(configuredAddresses(next, inherited));
  const context = usesTls(next, inherited) ? TlsContext.read(certificateFiles(next)) : undefined;
  // While TLS waits for a restart, the certificates in use stay, even if their files are gone.
  const isTlsApplied = tls !== undefined && !restart.some((key) => key.startsWith('tls_'));
  // The audit file is opened again even if its path is the same, because the file may have been moved away.
  const useAudit = audit.prepare(settings.auditLog);
  return () => {
    useAudit();
    if (isTlsApplied && context !== undefined) useCertificates(context, parts);
  };
}

function useCertificates(context: TlsContext, parts: Reloadable): void {
  parts.tls?.replaceContext(context);
  watchCertificates(parts);
  parts.log.info({ certificates: context.files.certificates }, 'certificates_reloaded');
}

/** Reads the certificates again whenever their files change. If they can't be used, the old ones stay in use. */
export function watchCertificates(parts: Reloadable): void {
  const { tls, live, log } = parts;
  tls?.watch(certificateFiles(live.current), () => {
    try {
      useCertificates(TlsContext.read(certificateFiles(live.current)), parts);
    } catch (error) {
      // Perhaps only one of the files has been replaced so far.
      if (!(error instanceof CertificateError)) throw error;
      log.error({ problem: error.message }, 'certificates_unusable');
    }
  });
}

/** The files that the settings name for TLS. */
export function certificateFiles({ tlsCertificate, tlsKey, tlsClientCa, tlsPskFile }: Settings): CertificateFiles {
  return {
    certificates: tlsCertificate,
    keys: tlsKey,
    clientAuthority: tlsClientCa === '' ? undefined : tlsClientCa,
    presharedKeys: tlsPskFile === '' ? undefined : tlsPskFile,
  };
}
