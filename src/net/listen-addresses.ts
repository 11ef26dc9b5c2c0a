// Prepares the addresses to listen on: resolves host names, and refuses addresses that can't be used together.
import { lookup } from 'node:dns/promises';
import { isIP, SocketAddress } from 'node:net';
import { formatAddress, ListenError, listenFailureReason } from './listen-error.js';

/** One address of a setting such as `listen`. */
export interface ConfiguredAddress {
  /** The setting's name, for messages. */
  readonly setting: string;
  /** An IP address without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

/** A configured address whose host name has been resolved. */
export interface ResolvedAddress extends ConfiguredAddress {
  /** The host's IP addresses: one, or as many as its name has. */
  readonly addresses: readonly string[];
}

/** Two settings, or two entries of one, want the same address. The message names both. */
export class AddressConflict extends Error {}

/** The addresses of `localhost` as RFC 6761 has them: many hosts files list one family only. */
const localhost = ['127.0.0.1', '::1'] as const;

/** The addresses of a host that needs no lookup; undefined for other names. */
function addressesWithoutLookup(host: string): readonly string[] | undefined {
  if (isIP(host) !== 0) return [host];
  return host.toLowerCase() === 'localhost' ? localhost : undefined;
}

/** Resolves all hosts. Rejects with ListenError if a name has no address, and with AddressConflict. */
export async function resolveAddresses(configured: readonly ConfiguredAddress[]): Promise<readonly ResolvedAddress[]> {
  const resolved = await Promise.all(
    configured.map(async (each) => ({
      ...each,
      addresses: addressesWithoutLookup(each.host) ?? (await lookUp(each)),
    })),
  );
  refuseConflicts(resolved);
  return resolved;
}

/** Throws AddressConflict as far as conflicts can be seen without looking up names. */
export function checkAddressConflicts(configured: readonly ConfiguredAddress[]): void {
  refuseConflicts(configured.map((each) => ({ ...each, addresses: addressesWithoutLookup(each.host) ?? [each.host] })));
}

async function lookUp({ host, port }: ConfiguredAddress): Promise<readonly string[]> {
  try {
    return [...new Set((await lookup(host, { all: true })).map(({ address }) => address))];
  } catch (error) {
    throw new ListenError(`can't listen on ${formatAddress(host, port)}: ${listenFailureReason(error)}`, error);
  }
}

function refuseConflicts(all: readonly ResolvedAddress[]): void {
  for (const [index, first] of all.entries()) {
    for (const second of all.slice(index + 1)) {
      // Port 0 asks for a free port, which is another one each time.
      if (first.port !== second.port || first.port === 0) continue;
      if (first.addresses.some((one) => second.addresses.some((other) => excludes(one, other))))
        throw conflict(first, second);
    }
  }
}

function conflict(first: ResolvedAddress, second: ResolvedAddress): AddressConflict {
  const one = formatAddress(first.host, first.port);
  const other = formatAddress(second.host, second.port);
  const isOneSetting = first.setting === second.setting;
  if (one === other)
    return new AddressConflict(
      isOneSetting ? `${first.setting} has ${one} twice` : `${first.setting} and ${second.setting} both have ${one}`,
    );
  return new AddressConflict(
    `${first.setting} has ${one} and ${isOneSetting ? '' : `${second.setting} has `}${other}, which can't both be listened on: one includes the other`,
  );
}

/**
 * Whether nobody can listen on one address while somebody listens on the other. `::` includes every IPv4 address too.
 */
function excludes(one: string, other: string): boolean {
  const [a, b] = [canonical(one), canonical(other)];
  if (a === b || a === '::' || b === '::') return true;
  const areIpv4 = isIP(a) === 4 && isIP(b) === 4;
  return areIpv4 && (a === '0.0.0.0' || b === '0.0.0.0');
}

/** Writes an address in its canonical form. A mapped IPv4 address becomes that IPv4 address. */
function canonical(address: string): string {
  if (isIP(address) !== 6) return address.toLowerCase();
  const [plain = '', zone] = address.split('%');
  const written = new SocketAddress({ address: plain, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
  return zone === undefined ? written : `${written}%${zone}`;
}
