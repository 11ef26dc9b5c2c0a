// list_sessions: lists the open sessions of the session's user.
import { encodeTime } from '../wire/encode.js';
import type { Command } from './services.js';

/** Lists the sessions in the order of their logins. */
export const listSessions: Command<'list_sessions'> = (session, _request, { presence }) => {
  const items = presence.sessionsOf(session.identity.user.key).map((each) => ({
    session: each.id,
    since: encodeTime(each.begun),
    address: each.peer.address,
    current: each === session,
  }));
  return { results: {}, list: { name: 'sessions', items } };
};
