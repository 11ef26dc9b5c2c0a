// Turns a command's error into a refusal.
import type { Logger } from 'pino';
import { PasswordsBusy } from '../accounts/passwords.js';
import { StoreAway, StoreBusy, StoreFailure } from '../store/store.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say, verbatim } from '../wire/words.js';

/** Milliseconds after which a client may try again when the store takes no messages. */
const storeRetryMilliseconds = 1000;

/** The refusal while the store takes no messages: too many wait, or it can't be reached. */
export function storeBusy(why: 'full' | 'away'): Refusal {
  const error = say(why === 'full' ? 'messages_wait' : 'store_away');
  return refusal('busy', error, { retry_after: storeRetryMilliseconds });
}

/** How a failure is reported. */
export interface FailureReport {
  /** Undefined where the failure is not to be logged. */
  readonly log: Logger | undefined;
  /** Whose request it was, for the log. */
  readonly fields: object;
  /** Whether the reply tells why the store failed. */
  readonly tellsReason: boolean;
}

/**
 * Makes the refusal for an error of a command: 16 where trying again makes sense (PasswordsBusy, StoreBusy, StoreAway),
 * else 2. Every 2 is logged.
 */
export function failure(err: unknown, { log, fields, tellsReason }: FailureReport): Refusal {
  if (err instanceof PasswordsBusy) return refusal('busy', say('passwords_wait'), { retry_after: err.retryAfter });
  if (err instanceof StoreBusy) return refusal('busy', say('changes_wait'), { retry_after: err.retryAfter });
  if (err instanceof StoreAway) return storeBusy('away');
  const isStores = err instanceof StoreFailure;
  log?.error({ ...fields, err }, isStores ? 'store_failed' : 'command_failed');
  return refusal('failed', isStores && tellsReason ? verbatim(err.message) : say('not_done'));
}
