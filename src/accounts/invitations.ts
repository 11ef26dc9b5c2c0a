// Invitations to register: what an operator hands out, and what the store knows of it.
import { createHash, randomBytes } from 'node:crypto';
import type { Invitation, InvitationStore } from '../store/invitations.js';

/** Bytes of an invitation's secret. Nobody guesses it, so a fast hash of it is enough. */
const secretBytes = 24;

/** Bytes of the id that names it to operators. In hexadecimal, since an id is typed. */
const idBytes = 6;

/** The hash by which an invitation is found. */
export function invitationHash(invitation: string): Uint8Array {
  return createHash('sha256').update(invitation).digest();
}

/**
 * Makes and stores an invitation. Rejects as the store does.
 * @param uses how many users it is for
 * @param seconds after which it ends; undefined where it does not end by itself
 */
export async function makeInvitation(
  store: Pick<InvitationStore, 'add'>,
  uses: number,
  seconds: number | undefined,
): Promise<Omit<Invitation, 'used'> & { readonly invitation: string }> {
  const invitation = randomBytes(secretBytes).toString('base64url');
  const created = Date.now();
  const until = seconds === undefined ? undefined : created + seconds * 1000;
  const stored = { id: randomBytes(idBytes).toString('hex'), uses, created, until };
  await store.add({ ...stored, hash: invitationHash(invitation) });
  return { ...stored, invitation };
}
