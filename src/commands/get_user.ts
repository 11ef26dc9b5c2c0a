// get_user: shows a user, and more of it to those who know it.
import { encodeTime } from '../wire/encode.js';
import { areAcquainted } from './acquaintance.js';
import type { Command } from './services.js';

/**
 * Shows names, presence and when the user was last seen to the user itself and whoever shares a room or conversation.
 */
export const getUser: Command<'get_user'> = async (session, _request, services, _member, target) => {
  const { presence, reads, lastSeen, store } = services;
  const { id, key, name, status, firstName, lastName } = target;
  const one = session.identity.user;
  const shown = { username: name, status };
  const { knows, stored } = await reads.run(session, async () => {
    const isKnown = await areAcquainted(one, target, store);
    return { knows: isKnown, stored: isKnown ? await lastSeen.of(id) : undefined };
  });
  if (!knows) return { results: shown };
  const online = presence.countOf(key) > 0;
  const seen = online ? Date.now() : stored;
  const last_seen = seen === undefined ? undefined : encodeTime(seen);
  return { results: { ...shown, first_name: firstName, last_name: lastName, online, last_seen } };
};
