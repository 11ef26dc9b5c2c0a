// Operators' commands about bans of users, addresses and networks.
import { banName } from '../accounts/ban-name.js';
import { TooManyBans } from '../accounts/bans.js';
import { parseNetwork } from '../ip/networks.js';
import { defaultLimit, listPage } from '../session/list-page.js';
import type { Ban, BanTarget } from '../store/directory.js';
import { encodeTime } from '../wire/encode.js';
import type { OperatorResults } from '../wire/generated/operator-results.js';
import { refusal } from '../wire/refusal.js';
import { say, verbatim } from '../wire/words.js';
import { isThere, noSuchUser } from './accounts.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import { banTarget, described, evictTarget, holderOf, noHolder, oneOf, targetName, type Target } from './targets.js';

/** How many other bans a reply names. */
const mostNamed = 20;

/** The target of a stored ban. */
function targetOf({ kind, target }: BanTarget): Exclude<Target, { kind: 'session' }> {
  const network = kind === 'network' ? parseNetwork(target) : undefined;
  return network === undefined ? { kind: 'user', key: target } : { kind: 'network', network };
}

function end(until: number | undefined): string | undefined {
  return until === undefined ? undefined : encodeTime(until);
}

type OtherBans = Pick<OperatorResults['unban'], 'wider' | 'narrower' | 'narrower_count'>;

/** The members of replies that name other bans of some of the same addresses. */
function beside(target: BanTarget, { bans }: Pick<OperatorServices, 'bans'>): OtherBans {
  const { wider, narrower } = bans.beside(target);
  const named = (all: readonly Ban[]): readonly string[] | undefined =>
    all.length === 0 ? undefined : all.slice(0, mostNamed).map(banName);
  const count = narrower.length === 0 ? undefined : narrower.length;
  return { wider: named(wider), narrower: named(narrower), narrower_count: count };
}

/** Ends the sessions that the ban applies to. Fulfils with how many it ended. */
async function evict(
  target: BanTarget,
  reason: string,
  duration: number | undefined,
  { evictions }: OperatorServices,
): Promise<number> {
  const retryAfter = duration === undefined ? undefined : duration * 1000;
  const told = reason === '' ? say('banned') : say('banned_because', { reason });
  return (await evictTarget(targetOf(target), { reason: told, because: 'banned', retryAfter }, evictions)).sessions;
}

/**
 * Bans a target, for a number of seconds or until it is unbanned, and ends its sessions. Refuses (16) where there are
 * as many bans as there may be.
 */
export const ban: OperatorCommand<'ban'> = async (_operator, { parameters }, services) => {
  const { target: text, duration, reason = '' } = parameters;
  const { bans, presence } = services;
  const meant = await oneOf(text, (target) => isThere(target, services));
  if ('code' in meant) return meant;
  const whom = meant.kind === 'session' ? (holderOf(meant.id, presence) ?? noHolder(meant.id, text, presence)) : meant;
  if ('code' in whom) return whom;
  if (!(await isThere(whom, services))) return noSuchUser();
  const target = banTarget(whom);
  const created = Date.now();
  const until = duration === undefined ? undefined : created + duration * 1000;
  let replaced: Ban | undefined;
  try {
    replaced = await bans.add({ ...target, reason, created, until });
  } catch (error) {
    if (error instanceof TooManyBans) return refusal('busy', verbatim(error.message), { retry_after: 0 });
    throw error;
  }
  return {
    results: {
      ...described(whom, text),
      until: end(until),
      replaced: replaced && {
        reason: replaced.reason,
        created: encodeTime(replaced.created),
        until: end(replaced.until),
      },
      ...beside(target, services),
      sessions: await evict(target, reason, duration, services),
    },
  };
};

/**
 * Ends a ban. Refuses (11) where there is none of exactly that target; the refusal then names a wider ban, if there is
 * one.
 */
export const unban: OperatorCommand<'unban'> = async (_operator, { parameters: { target: text } }, services) => {
  const { bans, presence } = services;
  const meant = await oneOf(text, (target) => target.kind !== 'session' && bans.get(banTarget(target)) !== undefined);
  if ('code' in meant) return meant;
  const whom = meant.kind === 'session' ? (holderOf(meant.id, presence) ?? noHolder(meant.id, text, presence)) : meant;
  if ('code' in whom) return whom;
  const target = banTarget(whom);
  if (await bans.remove(target)) return { results: { ...described(whom, text), ...beside(target, services) } };
  const [wider] = bans.beside(target).wider;
  const name = targetName(whom);
  if (wider === undefined) return refusal('not_found', verbatim(`there is no ban of ${name}`));
  const around = targetName(targetOf(wider));
  const error = `there is no ban of ${name} itself: it is in ${around}, which is banned`;
  return refusal('not_found', verbatim(error));
};

/** Lists the bans in force whose target's name comes after `after`, in the order of these names. */
export const listBans: OperatorCommand<'list_bans'> = (_operator, { parameters }, { bans }) => {
  const { after = '', limit = defaultLimit } = parameters;
  return listPage('bans', bans.listAfter(after, limit + 1), limit, (ban) => {
    const { target, kind } = described(targetOf(ban), '');
    return { target, kind, reason: ban.reason, created: encodeTime(ban.created), until: end(ban.until) };
  });
};
