// Who is kept out: a user by name, an address, or a network.
import { TooManyBans } from '../accounts/bans.js';
import { nameKey } from '../accounts/names.js';
import { defaultLimit } from '../commands/past.js';
import { networkName, parseNetwork } from '../ip/networks.js';
import type { Ban } from '../store/store.js';
import { encodeTime } from '../wire/encode.js';
import { refusal } from '../wire/refusal.js';
import { findAccount, noSuchUser } from './accounts.js';
import type { OperatorCommand } from './services.js';
import { endAll, meant } from './targets.js';

type Target = Pick<Ban, 'kind' | 'target'>;

function targetOf(text: string): Target {
  const network = parseNetwork(text);
  return network === undefined ? { kind: 'user', target: nameKey(text) } : { kind: 'network', target: networkName(network) };
}

/** A target as it is shown: an address alone without its prefix. */
function whole({ target }: Target): string {
  return target.replace(/^([^:]+)\/32$|^(.+)\/128$/, '$1$2');
}

export const ban: OperatorCommand<'ban'> = async ({ target: text, duration, reason = '' }, { bans, store, sessions }) => {
  const target = targetOf(text);
  if (target.kind === 'user' && (await findAccount({ store }, target.target)) === undefined) return noSuchUser();
  const created = Date.now();
  const until = duration === undefined ? undefined : created + duration * 1000;
  try {
    await bans.add({ ...target, reason, created, until });
  } catch (error) {
    if (error instanceof TooManyBans) return refusal('busy', error.message, { retry_after: 0 });
    throw error;
  }
  const ended = endAll(sessions(), meant(target.target), reason === '' ? 'you are banned' : `you are banned: ${reason}`, 'banned');
  return { results: { target: whole(target), until: until === undefined ? undefined : encodeTime(until), sessions: ended } };
};

export const unban: OperatorCommand<'unban'> = async ({ target: text }, { bans }) => {
  const target = targetOf(text);
  return (await bans.remove(target)) ? { results: { target: whole(target) } } : refusal('not_found', 'there is no such ban');
};

export const listBans: OperatorCommand<'list_bans'> = ({ after, limit = defaultLimit }, { bans }) => {
  const all = bans.all().map((each) => ({ ...each, shown: whole(each) })).sort((one, other) => (one.shown < other.shown ? -1 : 1));
  const found = all.filter(({ shown }) => after === undefined || shown > after);
  return {
    results: {},
    list: {
      name: 'bans',
      items: found.slice(0, limit).map(({ shown, reason, created, until }) => ({
        target: shown, reason, created: encodeTime(created), until: until === undefined ? undefined : encodeTime(until),
      })),
      more: found.length > limit,
    },
  };
};
