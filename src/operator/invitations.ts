// Operators' commands about invitations to register.
import { makeInvitation } from '../accounts/invitations.js';
import { defaultLimit, listPage } from '../session/list-page.js';
import { encodeTime } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';
import type { OperatorCommand } from './services.js';

function end(until: number | undefined): string | undefined {
  return until === undefined ? undefined : encodeTime(until);
}

/** Makes an invitation. Its secret is in this reply and nowhere else. */
export const createInvitation: OperatorCommand<'create_invitation'> = async (_operator, { parameters }, { store }) => {
  const { uses = 1, expires } = parameters;
  const { invitation, id, until } = await makeInvitation(store.invitations, uses, expires);
  return { results: { invitation, invitation_id: id, uses, until: end(until) } };
};

/** Lists the invitations after the id `after`, in the order of their ids. */
export const listInvitations: OperatorCommand<'list_invitations'> = async (
  _operator,
  { parameters },
  { store, inTurn },
) => {
  const { after = '', limit = defaultLimit } = parameters;
  const found = await inTurn(() => store.invitations.list(after, limit + 1));
  return listPage('invitations', found, limit, ({ id, uses, used, created, until }) => ({
    invitation_id: id,
    uses,
    used,
    created: encodeTime(created),
    until: end(until),
  }));
};

/** Deletes an invitation. Refuses (11) where there is none with that id. */
export const deleteInvitation: OperatorCommand<'delete_invitation'> = async (_operator, { parameters }, { store }) =>
  (await store.invitations.remove(parameters.invitation_id))
    ? { results: { invitation_id: parameters.invitation_id } }
    : refusal('not_found', verbatim('there is no invitation with that id'));
