// Names the target of a ban: for people, and to tell targets apart.
import { networkName, parseNetwork, type Network } from '../ip/networks.js';
import type { BanTarget } from '../store/directory.js';

/** The name of a ban's target in lists and replies. As an operator's parameter it means that target, and no other. */
export function banName({ kind, target }: BanTarget): string {
  const network = parseNetwork(target);
  if (kind === 'user') return network === undefined ? target : `user:${target}`;
  return network === undefined ? target : networkName(network).replace(/^([^:]+)\/32$|^(.+)\/128$/, '$1$2');
}

/** Identifies a target, however it is written. Bans of different kinds may share a name. */
export function banKey(target: BanTarget): string {
  return `${target.kind} ${banName(target)}`;
}

/** The network of a ban. Undefined for a user, and for a target from an older salond that is no network. */
export function networkOf({ kind, target }: BanTarget): Network | undefined {
  return kind === 'user' ? undefined : parseNetwork(target);
}
