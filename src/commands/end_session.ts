// end_session: ends a session of the session's user.
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Eviction } from '../chat/evictable.js';
import type { Command } from './services.js';

const ended: Eviction = { reason: say('reasons.session_ended_by_user'), because: 'server' };

/** Ends another session before it answers, and this one after its reply. */
export const endSession: Command<'end_session'> = (session, { parameters }, { audit, presence }) => {
  const { user } = session.identity;
  const other = presence.session(parameters.session);
  const isOwn = other !== undefined && !other.gone && other.state.kind === 'user' && other.state.user.id === user.id;
  if (!isOwn) return refusal('not_found', say('no_such_session'));
  audit.write({ ...session.auditFields, username: user.name, ended: other.id }, 'session_ended');
  if (other === session) return { results: {}, afterwards: () => void session.evict(ended) };
  other.evict(ended);
  return { results: {} };
};
