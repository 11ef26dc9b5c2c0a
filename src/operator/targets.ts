// Parses the targets of operators' commands: a user, an address, a network or a session. The prefix `user:` or
// `address:` says which. Without it the daemon looks, and refuses a text that is both, since a user's name may look
// like an address.
import { banName } from '../accounts/ban-name.js';
import type { Eviction, Evictions, Reached } from '../chat/eviction.js';
import type { Presence } from '../chat/presence.js';
import { inNetworks, networkName, parseNetwork, withoutZone, type Network } from '../ip/networks.js';
import type { Session } from '../session/session.js';
import type { BanTarget } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { verbatim } from '../wire/words.js';

/** The target of a command. A user is named by its key. */
export type Target =
  | { readonly kind: 'user'; readonly key: string }
  | { readonly kind: 'network'; readonly network: Network }
  | { readonly kind: 'session'; readonly id: number };

/**
 * Parses a text into the targets that it may mean: one, or an address and a user of that name. A refusal where it means
 * none.
 */
export function targetsOf(text: string): readonly Target[] | Refusal {
  const [, prefix, named = ''] = /^(user|address):(.*)$/is.exec(text) ?? [];
  if (prefix !== undefined && named === '') return wrongTarget(`there is nothing behind ${text}`);
  if (prefix?.toLowerCase() === 'user') return [{ kind: 'user', key: nameKey(named) }];
  const network = parseNetwork(withoutZone(prefix === undefined ? text : named));
  if (prefix !== undefined) {
    if (network !== undefined) return [{ kind: 'network', network }];
    return wrongTarget(`${named} is neither an IP address nor a network like 192.0.2.0/24`);
  }
  const [, number] = /^#(\d+)$/.exec(text) ?? [];
  if (number !== undefined) return [{ kind: 'session', id: Number(number) }];
  // No name has one of these.
  if (network === undefined && /[/:#]/.test(text)) {
    return wrongTarget(
      `${text} is not a user's name, an IP address, a network like 192.0.2.0/24, or a session like #7`,
    );
  }
  const user = { kind: 'user', key: nameKey(text) } as const;
  return network === undefined ? [user] : [{ kind: 'network', network }, user];
}

/**
 * Finds the target that a text means. Of two possible targets, it means the one that `exists`. A refusal (7) where
 * both exist, or the text means none.
 */
export async function oneOf(
  text: string,
  exists: (target: Target) => boolean | Promise<boolean>,
): Promise<Target | Refusal> {
  const targets = targetsOf(text);
  if ('code' in targets) return targets;
  const [first, second] = targets;
  if (first === undefined) throw new Error('a text that means nothing is refused');
  if (second === undefined || !(await exists(second))) return first;
  return (await exists(first)) ? ambiguous(text) : second;
}

/** Makes the refusal where there is no such session. @param name as replies name the session */
export function noSuchSession(name: string): Refusal {
  return refusal('not_found', verbatim(`there is no session ${name}`));
}

/**
 * Makes the refusal where `holderOf` knows nobody: there is no such session, or it is a guest's that came over a Unix
 * socket and has no address.
 * @param name as replies name the session
 */
export function noHolder(id: number, name: string, presence: Presence<Session>): Refusal {
  const session = presence.session(id);
  if (session === undefined || session.gone) return noSuchSession(name);
  const error = `${name} is a guest of ${session.peer.address}: there is neither a user nor an address`;
  return refusal('not_found', verbatim(error));
}

function ambiguous(text: string): Refusal {
  return wrongTarget(`${text} is an address and a user's name: say address:${text} or user:${text}`);
}

function wrongTarget(error: string): Refusal {
  return refusal('invalid_field', verbatim(error), { field: 'target' });
}

/**
 * Finds the user of the session with that number, or the address of a guest's. Undefined where there is no such
 * session.
 */
export function holderOf(
  id: number,
  presence: Presence<Session>,
): Exclude<Target, { readonly kind: 'session' }> | undefined {
  const session = presence.session(id);
  if (session === undefined || session.gone) return undefined;
  if (session.state.kind === 'user') return { kind: 'user', key: session.state.user.key };
  const network = parseNetwork(withoutZone(session.peer.address));
  return network === undefined ? undefined : { kind: 'network', network };
}

/** Ends the sessions of a target. Fulfils with whom that reached. */
export async function evictTarget(target: Target, eviction: Eviction, evictions: Evictions): Promise<Reached> {
  switch (target.kind) {
    case 'user':
      return evictions.user(target.key, eviction);
    case 'network':
      return reached(await evictions.addresses(inNetworks([target.network]), eviction));
    case 'session':
      return reached(evictions.session(target.id, eviction) ? 1 : 0);
  }
}

function reached(sessions: number): Reached {
  return { sessions, places: 0, isAny: sessions > 0 };
}

/** A target as bans are stored. */
export function banTarget(target: Exclude<Target, { readonly kind: 'session' }>): BanTarget {
  if (target.kind === 'user') return { kind: 'user', target: target.key };
  return { kind: 'network', target: networkName(target.network) };
}

/** The target's name in replies. As a parameter it means the same target, and no other. */
export function targetName(target: Target): string {
  if (target.kind === 'session') return `#${target.id}`;
  return banName(banTarget(target));
}

/** A target as replies describe it: a network of one address is an `address`. */
export interface Described<Kind extends Target['kind'] = Target['kind']> {
  readonly kind: Kind | 'address';
  readonly target: string;
  readonly asked: string | undefined;
}

/**
 * The members of replies that describe a target: its kind, its name, and the typed text if it was spelled differently.
 */
export function described<Kind extends Target['kind']>(
  target: Target & { readonly kind: Kind },
  text: string,
): Described<Kind> {
  const name = targetName(target);
  const kind = target.kind === 'network' && !name.includes('/') ? 'address' : target.kind;
  const same = name === text || name === text.replace(/^(user|address):/i, '');
  return { kind, target: name, asked: same ? undefined : text };
}
