// Shows a token in lists, to its user and to operators. No secret and no key is among what is shown.
import type { TokenRecord } from '../store/tokens.js';
import { encodeTime } from '../wire/encode.js';

/** A token as lists show it. */
export interface ListedToken {
  readonly token_id: string;
  readonly label: string;
  readonly created: string;
  readonly last_used?: string | undefined;
  readonly expires?: string | undefined;
}

/** The token as lists show it. */
export function listedToken({ id, label, created, lastUsed, expires }: TokenRecord): ListedToken {
  return {
    token_id: id,
    label,
    created: encodeTime(created),
    last_used: timeOrNone(lastUsed),
    expires: timeOrNone(expires),
  };
}

/** Writes a time as `encodeTime` does, if there is one. */
export function timeOrNone(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : encodeTime(milliseconds);
}
