// Operators' commands about sessions: list, announce, kick.
import { defaultLimit, listPage } from '../session/list-page.js';
import type { Session } from '../session/session.js';
import { nameKey } from '../text/names.js';
import { EventLine } from '../wire/encode-event.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say, verbatim } from '../wire/words.js';
import { isThere, noSuchUser } from './accounts.js';
import type { OperatorCommand } from './services.js';
import { described, evictTarget, noSuchSession, oneOf, targetName, type Target } from './targets.js';

/** A session as `list_sessions` shows it. */
function shown({ id, peer, state, since }: Session): OperatorResults['list_sessions']['sessions'][number] {
  return {
    session: id,
    username: state.kind === 'user' ? state.user.name : undefined,
    address: peer.address,
    encrypted: peer.encrypted,
    rooms: state.kind === 'user' ? state.members.size : 0,
    seconds: Math.floor((performance.now() - since) / 1000),
  };
}

/** Lists the sessions after the number `after`, all or those of a user, in the order of their numbers. */
export const listSessions: OperatorCommand<'list_sessions'> = (_operator, { parameters }, { presence }) => {
  const { after = 0, limit = defaultLimit, user } = parameters;
  const all = user === undefined ? [...presence.sessions()] : presence.sessionsOf(nameKey(user));
  const found = all.filter(({ id }) => id > after).sort((one, other) => one.id - other.id);
  return listPage('sessions', found, limit, shown);
};

/** Sends a 190 to every session. */
export const announce: OperatorCommand<'announce'> = (_operator, { parameters: { text } }, { presence }) => {
  const line = new EventLine('notice', { text });
  let told = 0;
  for (const { output, format } of presence.sessions()) {
    output.event(line.in(format).bytes);
    told += 1;
  }
  return { results: { sessions: told } };
};

/**
 * Ends the sessions of a target. Refuses (11) where there are none, no login of the user runs, and no grace keeps its
 * places in rooms.
 */
export const kick: OperatorCommand<'kick'> = async (_operator, { parameters }, services) => {
  const { target: text, reason: words } = parameters;
  const reason = words === undefined ? say('reasons.session_ended_by_operator') : verbatim(words);
  const target = await oneOf(text, (each) => isThere(each, services));
  if ('code' in target) return target;
  if (!(await isThere(target, services))) return noSuchUser();
  const { sessions, places, isAny } = await evictTarget(target, { reason, because: 'kicked' }, services.evictions);
  if (!isAny) return nobodyOf(target);
  return { results: { ...described(target, text), sessions, places: places === 0 ? undefined : places } };
};

/** Makes the refusal where nothing of the target is there. */
function nobodyOf(target: Target): Refusal {
  const name = targetName(target);
  if (target.kind === 'session') return noSuchSession(name);
  const why = target.kind === 'user' ? `the user ${target.key} has no session` : `no session is from ${name}`;
  return refusal('not_found', verbatim(why));
}
