// Reading the settings again while the daemon runs. All that the new settings need is made first: the TLS context, the
// audit file. Then all of it takes the place of the old at once, or, where something is wrong, nothing does.
import type { Logger } from 'pino';
import { configuredAddresses, usesTls } from './listeners.js';
import { checkAddressConflicts, AddressConflict } from '../net/listen-addresses.js';
import { CertificateError, type CertificateFiles } from '../net/certificates.js';
import { TlsContext, type TlsUpgrader } from '../net/tls.js';
import { AuditError, type Audit } from '../ops/audit.js';
import type { LiveSettings, ReloadResult, PlannedReload } from '../ops/settings/live.js';
import type { Settings } from '../ops/settings/settings.js';
import type { InheritedSockets } from '../ops/systemd/sockets.js';

export interface Reloadable {
  readonly live: LiveSettings;
  readonly audit: Audit;
  /** Undefined where nobody comes in by TLS. */
  readonly encryption: TlsUpgrader | undefined;
  readonly inherited: InheritedSockets;
  readonly log: Logger;
}

/**
 * Takes over what a reload applies of `next`. The answer names it, or says what is wrong: then everything is as it was.
 */
export function reload(
  next: Settings | { readonly problem: string },
  parts: Reloadable,
): ReloadResult | { readonly problem: string } {
  const { live, log } = parts;
  try {
    if ('problem' in next) throw new ReloadError(next.problem);
    const replacement = live.prepare(next);
    const swap = prepare(replacement, next, parts);
    live.take(replacement);
    for (const each of swap) each();
    const { applied, restart } = replacement;
    log.info({ applied, restart }, 'reloaded');
    return { applied, restart };
  } catch (error) {
    if (!isExpected(error)) throw error;
    if (error instanceof CertificateError) log.error({ problem: error.message }, 'certificates_unusable');
    if (error instanceof AuditError) log.error({ err: error, path: error.path }, 'audit_failed');
    // Whatever the new settings are: whoever moved the audit log away compresses or deletes it later.
    if (!(error instanceof AuditError && error.path === live.current.auditLog)) reopenAudit(parts);
    log.error({ problem: error.message }, 'reload_failed');
    return { problem: `nothing was changed: ${error.message}` };
  }
}

/** Goes on in the file of the settings that hold. One that can't be opened is logged, and the old file goes on. */
function reopenAudit({ audit, live, log }: Reloadable): void {
  try {
    audit.prepare(live.current.auditLog)();
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    log.error({ err: error, path: error.path }, 'audit_failed');
  }
}

class ReloadError extends Error {}

function isExpected(error: unknown): error is Error {
  return [ReloadError, CertificateError, AuditError, AddressConflict].some((kind) => error instanceof kind);
}

/** Makes what the settings need; what is to be called to use it. */
function prepare({ settings, restart }: PlannedReload, next: Settings, parts: Reloadable): readonly (() => void)[] {
  const { audit, encryption, inherited } = parts;
  // What only a restart applies has to be right all the same: it would be the next start that fails.
  checkAddressConflicts(configuredAddresses(next, inherited));
  if (usesTls(next, inherited)) TlsContext.read(certificateFiles(next));
  // Where TLS waits for a restart the files in use may be gone already: their certificates go on until then.
  const waits = encryption === undefined || restart.some((key) => key.startsWith('tls_'));
  const context = waits ? undefined : TlsContext.read(certificateFiles(settings));
  // The same file too: it may have been moved away. Where another takes its place, the one before need not be there any
  // more.
  const useAudit = audit.prepare(settings.auditLog);
  return [
    useAudit,
    () => {
      if (context !== undefined) useCertificates(context, parts);
    },
  ];
}

function useCertificates(context: TlsContext, parts: Reloadable): void {
  parts.encryption?.use(context);
  watchCertificates(parts);
  parts.log.info({ certificates: context.files.certificates }, 'certificates_reloaded');
}

/**
 * Reads the certificates again whenever their files change by themselves. What can't be used is not: it may be on its
 * way.
 */
export function watchCertificates(parts: Reloadable): void {
  const { encryption, live, log } = parts;
  encryption?.watch(certificateFiles(live.current), () => {
    try {
      useCertificates(TlsContext.read(certificateFiles(live.current)), parts);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      log.error({ problem: error.message }, 'certificates_unusable');
    }
  });
}

export function certificateFiles({ tlsCertificate, tlsKey, tlsClientCa }: Settings): CertificateFiles {
  return { certificates: tlsCertificate, keys: tlsKey, clientAuthority: tlsClientCa === '' ? undefined : tlsClientCa };
}
