// What a request is answered with that could not be carried out.
import type { Logger } from 'pino';
import { PasswordsBusy } from '../accounts/passwords.js';
import { StoreAway, StoreFailure } from '../store/store.js';
import { refusal, type Refusal } from '../wire/refusal.js';

/** Milliseconds after which a client may try again while the store takes nothing. */
export const storeRetryMilliseconds = 1000;

/** @param log undefined where nobody waits for the answer any more @param fields whose request it was, for the log */
export function failure(
  err: unknown,
  log: Logger | undefined,
  fields: object,
  told = 'the server could not do it, and did nothing',
): Refusal {
  if (err instanceof PasswordsBusy)
    return refusal('busy', 'too many passwords wait to be checked', { retry_after: err.retryAfter });
  if (err instanceof StoreAway)
    return refusal('busy', 'the store can not be reached', { retry_after: storeRetryMilliseconds });
  log?.error({ ...fields, err }, err instanceof StoreFailure ? 'store_failed' : 'command_failed');
  return refusal('failed', told);
}
