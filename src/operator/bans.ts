// Who is kept out: a user by name, an address, or a network.
import { TooManyBans, type BanTarget } from '../accounts/bans.js';
import { defaultLimit } from '../commands/past.js';
import { inNetworks, networkName, parseNetwork } from '../ip/networks.js';
import type { Ban } from '../store/directory.js';
import { encodeTime } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import { isThere, noSuchUser } from './accounts.js';
import type { OperatorCommand, OperatorServices } from './services.js';
import { described, holderOf, noSuchSession, oneOf, targetName, type Described, type Target } from './targets.js';

/** How many other bans a reply names. */
const mostNamed = 20;

/** A target as bans keep it. */
function kept(target: Exclude<Target, { kind: 'session' }>): BanTarget {
  if (target.kind === 'user') return { kind: 'user', target: target.key };
  return { kind: 'network', target: networkName(target.network) };
}

/** The target of a ban that is kept. */
function targetOf({ kind, target }: BanTarget): Target {
  const network = kind === 'network' ? parseNetwork(target) : undefined;
  return network === undefined ? { kind: 'user', key: target } : { kind: 'network', network };
}

function end(until: number | undefined): string | undefined {
  return until === undefined ? undefined : encodeTime(until);
}

/** The other bans that hold for some of the same addresses, as replies name them. */
function beside(target: BanTarget, { bans }: Pick<OperatorServices, 'bans'>): object {
  const { wider, narrower } = bans.beside(target);
  const named = (all: readonly Ban[]): readonly string[] | undefined =>
    all.length === 0 ? undefined : all.slice(0, mostNamed).map((each) => targetName(targetOf(each)));
  const count = narrower.length === 0 ? undefined : narrower.length;
  return { wider: named(wider), narrower: named(narrower), narrower_count: count };
}

/** Ends whoever is there of whom a ban keeps out; how many. */
function evict(
  target: BanTarget,
  reason: string,
  duration: number | undefined,
  { evictions }: OperatorServices,
): number {
  const retryAfter = duration === undefined ? undefined : duration * 1000;
  const told = reason === '' ? 'you are banned' : `you are banned: ${reason}`;
  const eviction = { reason: told, because: 'banned', retryAfter } as const;
  if (target.kind === 'user') return evictions.user(target.target, eviction);
  const network = parseNetwork(target.target);
  return network === undefined ? 0 : evictions.addresses(inNetworks([network]), eviction);
}

export const ban: OperatorCommand<'ban'> = async ({ target: text, duration, reason = '' }, services) => {
  const { bans, sessions } = services;
  const meant = await oneOf(text, (target) => isThere(target, services));
  if ('code' in meant) return meant;
  const whom = meant.kind === 'session' ? holderOf(meant.id, sessions()) : meant;
  if (whom === undefined) return noSuchSession(text);
  if (!(await isThere(whom, services))) return noSuchUser();
  const target = kept(whom);
  const created = Date.now();
  const until = duration === undefined ? undefined : created + duration * 1000;
  let replaced: Ban | undefined;
  try {
    replaced = await bans.add({ ...target, reason, created, until });
  } catch (error) {
    if (error instanceof TooManyBans) return refusal('busy', error.message, { retry_after: 0 });
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
      sessions: evict(target, reason, duration, services),
    },
  };
};

export const unban: OperatorCommand<'unban'> = async ({ target: text }, services) => {
  const { bans, sessions } = services;
  const meant = await oneOf(text, (target) => target.kind !== 'session' && bans.get(kept(target)) !== undefined);
  if ('code' in meant) return meant;
  const whom = meant.kind === 'session' ? holderOf(meant.id, sessions()) : meant;
  if (whom === undefined) return noSuchSession(text);
  const target = kept(whom);
  if (await bans.remove(target)) return { results: { ...described(whom, text), ...beside(target, services) } };
  const [wider] = bans.beside(target).wider;
  const name = targetName(whom);
  if (wider === undefined) return refusal('not_found', `there is no ban of ${name}`);
  const around = targetName(targetOf(wider));
  return refusal('not_found', `there is no ban of ${name} itself: it is in ${around}, which is banned`);
};

/** Kept, since each page of a list looks at all bans: to describe 10,000 of them holds the daemon up for 90 ms. */
const descriptions = new WeakMap<Ban, Described>();

function descriptionOf(ban: Ban): Described {
  const known = descriptions.get(ban) ?? described(targetOf(ban), '');
  descriptions.set(ban, known);
  return known;
}

export const listBans: OperatorCommand<'list_bans'> = ({ after, limit = defaultLimit }, { bans }) => {
  const found = bans
    .all()
    .map((ban) => ({ ban, shown: descriptionOf(ban) }))
    .filter(({ shown: { target } }) => after === undefined || target > after)
    .sort(({ shown: one }, { shown: other }) => (one.target < other.target ? -1 : 1));
  return {
    results: {},
    list: {
      name: 'bans',
      items: found.slice(0, limit).map(({ ban: { reason, created, until }, shown: { target, kind } }) => ({
        target,
        kind,
        reason,
        created: encodeTime(created),
        until: end(until),
      })),
      more: found.length > limit,
    },
  };
};
