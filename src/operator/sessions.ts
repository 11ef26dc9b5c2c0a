// Those who are connected: who they are, and saying something to them or goodbye.
import type { Eviction } from '../chat/eviction.js';
import { defaultLimit } from '../commands/past.js';
import { inNetworks } from '../ip/networks.js';
import type { Session } from '../session/session.js';
import { encodeEvent } from '../wire/encode.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { isThere, noSuchUser } from './accounts.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import { described, noSuchSession, oneOf, targetName, type Target } from './targets.js';

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

export const listSessions: OperatorCommand<'list_sessions'> = ({ after = 0, limit = defaultLimit }, { sessions }) => {
  const found = [...sessions()].filter(({ id }) => id > after).slice(0, limit + 1);
  const items = found.slice(0, limit).map(shown);
  return { results: {}, list: { name: 'sessions', items, more: found.length > limit } };
};

export const announce: OperatorCommand<'announce'> = ({ text }, { sessions }) => {
  const line = Buffer.from(encodeEvent('notice', { text }));
  let told = 0;
  for (const { output } of sessions()) {
    output.event(line);
    told += 1;
  }
  return { results: { sessions: told } };
};

export const kick: OperatorCommand<'kick'> = async (
  { target: text, reason = 'the operator has ended this session' },
  services,
) => {
  const target = await oneOf(text, (each) => isThere(each, services));
  if ('code' in target) return target;
  if (!(await isThere(target, services))) return noSuchUser();
  const ended = evict(target, { reason, because: 'kicked' }, services);
  if (ended === 0) return nobodyOf(target);
  return { results: { ...described(target, text), sessions: ended } };
};

/** Why nobody of the target could be put out. */
function nobodyOf(target: Target): Refusal {
  const name = targetName(target);
  if (target.kind === 'session') return noSuchSession(name);
  const why = target.kind === 'user' ? `the user ${target.key} has no session` : `no session is from ${name}`;
  return refusal('not_found', why);
}

function evict(target: Target, eviction: Eviction, { evictions }: OperatorServices): number {
  switch (target.kind) {
    case 'user':
      return evictions.user(target.key, eviction);
    case 'network':
      return evictions.addresses(inNetworks([target.network]), eviction);
    case 'session':
      return evictions.session(target.id, eviction) ? 1 : 0;
  }
}
