// Where to listen, before anything listens: the addresses that a host name stands for, and addresses that exclude one
// another.
import { lookup } from 'node:dns/promises';
import { isIP, SocketAddress } from 'node:net';
import { ListenError, listenFailureReason, formatAddress } from './listener.js';

/** One entry of a setting that says where to listen. */
export interface ConfiguredAddress {
  /** The setting's name, for messages. */
  readonly setting: string;
  /** An IP address without brackets, or a host name. */
  readonly host: string;
  readonly port: number;
}

export interface ResolvedAddress extends ConfiguredAddress {
  /** The IP addresses of the host: one, or as many as its name has. */
  readonly addresses: readonly string[];
}

/** Two settings, or two entries of one, want the same address; the message names both. */
export class AddressConflict extends Error {}

/** RFC 6761 says what it is; many a hosts file has one family of it only. */
const localhost = ['127.0.0.1', '::1'] as const;

/** The addresses of a host that nobody has to be asked for; undefined for other names. */
function known(host: string): readonly string[] | undefined {
  if (isIP(host) !== 0) return [host];
  return host.toLowerCase() === 'localhost' ? localhost : undefined;
}

/** Finds the addresses of every place. Rejects with ListenError where a name has none, and with AddressConflict. */
export async function resolveAddresses(places: readonly ConfiguredAddress[]): Promise<readonly ResolvedAddress[]> {
  const bindings = await Promise.all(
    places.map(async (place) => ({ ...place, addresses: known(place.host) ?? (await resolved(place)) })),
  );
  refuseConflicts(bindings);
  return bindings;
}

/** As far as it is known without asking for names: throws AddressConflict. */
export function checkAddressConflicts(places: readonly ConfiguredAddress[]): void {
  refuseConflicts(places.map((place) => ({ ...place, addresses: known(place.host) ?? [place.host] })));
}

async function resolved({ host, port }: ConfiguredAddress): Promise<readonly string[]> {
  try {
    return [...new Set((await lookup(host, { all: true })).map(({ address }) => address))];
  } catch (error) {
    throw new ListenError(`can't listen on ${formatAddress(host, port)}: ${listenFailureReason(error)}`, error);
  }
}

function refuseConflicts(bindings: readonly ResolvedAddress[]): void {
  for (const [at, first] of bindings.entries()) {
    for (const second of bindings.slice(at + 1)) {
      // Port 0 is another one each time.
      if (first.port !== second.port || first.port === 0) continue;
      if (first.addresses.some((one) => second.addresses.some((other) => excludes(one, other))))
        throw conflict(first, second);
    }
  }
}

function conflict(first: ResolvedAddress, second: ResolvedAddress): AddressConflict {
  const [one, other] = [first, second].map(({ host, port }) => formatAddress(host, port)) as [string, string];
  const isOneSetting = first.setting === second.setting;
  if (one === other)
    return new AddressConflict(
      isOneSetting ? `${first.setting} has ${one} twice` : `${first.setting} and ${second.setting} both have ${one}`,
    );
  return new AddressConflict(
    `${first.setting} has ${one} and ${isOneSetting ? '' : `${second.setting} has `}${other}, which can't both be listened on: one includes the other`,
  );
}

/** Whether who listens on one address keeps everybody else from the other. `::` is every address of IPv4 too. */
function excludes(one: string, other: string): boolean {
  const [a, b] = [canonical(one), canonical(other)];
  if (a === b || a === '::' || b === '::') return true;
  const [first, second] = [isIP(a), isIP(b)];
  return first === 4 && second === 4 && (a === '0.0.0.0' || b === '0.0.0.0');
}

/** One spelling for each address; an IPv4 address in IPv6's form is that IPv4 address. */
function canonical(address: string): string {
  if (isIP(address) !== 6) return address.toLowerCase();
  const [plain = '', zone] = address.split('%');
  const written = new SocketAddress({ address: plain, family: 'ipv6' }).address.replace(/^::ffff:(?=\d+\.)/, '');
  return zone === undefined ? written : `${written}%${zone}`;
}
