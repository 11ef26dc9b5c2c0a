// block_user, unblock_user and list_blocked: whom a user takes no private messages from.
import type { Command } from './services.js';

/** Once it has answered, no private message of the blocked user comes, and no invitation of it is open. */
export const blockUser: Command<'block_user'> = async (session, _request, services, _member, target) => {
  const { store, reads, limits, conversations, memberships } = services;
  const { user } = session.identity;
  const blocked = await store.blocks.add(user.id, target.id, limits.blockedUsers, session);
  if (blocked === 'full') return limits.tooManyBlocked();
  conversations.blockAdded();
  // One that comes from here on is taken back (invite_user.ts).
  await memberships.endInvitations(user, target.id, session);
  const log = await reads.run(session, () => store.conversations.find(user.id, target.id));
  if (log !== undefined) await conversations.ofLog(log)?.quiet(target.id);
  return { results: {} };
};

/** Where the user is not blocked, it is a success too. */
export const unblockUser: Command<'unblock_user'> = async (session, _request, { store }, _member, target) => {
  await store.blocks.remove(session.identity.user.id, target.id, session);
  return { results: {} };
};

/** Lists all of them: they are few enough for one line. */
export const listBlocked: Command<'list_blocked'> = async (session, _request, { store, reads, limits }) => {
  const { user } = session.identity;
  const items = await reads.run(session, () => store.blocks.list(user.id, limits.blockedUsers));
  return { results: {}, list: { name: 'users', items } };
};
