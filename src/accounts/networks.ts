// Addresses and the networks that they are in, as an operator writes them.
import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net';

/** A network as it is kept, `192.0.2.0/24`: the bits behind its prefix are zero. Undefined where the text is no address or network. */
export function networkOf(text: string): string | undefined {
  const [, address = '', bits] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  const size = version === 4 ? 32 : 128;
  const prefix = Number(bits ?? size);
  if (version === 0 || prefix > size) return undefined;
  return `${version === 4 ? masked4(address, prefix) : masked6(address, prefix)}/${prefix}`;
}

function masked4(address: string, prefix: number): string {
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const kept = prefix === 0 ? 0 : Math.floor(bits / 2 ** (32 - prefix)) * 2 ** (32 - prefix);
  return [24, 16, 8, 0].map((shift) => Math.floor(kept / 2 ** shift) % 256).join('.');
}

function masked6(address: string, prefix: number): string {
  // As the system writes it, then with all of its eight groups; the end may be an IPv4 address.
  const whole = new SocketAddress({ address, family: 'ipv6' }).address
    .replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
      const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
      return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    });
  const [head = '', tail = ''] = whole.split('::');
  const [front, back] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...front ?? [], ...Array<string>(8 - (front?.length ?? 0) - (back?.length ?? 0)).fill('0'), ...back ?? []];
  const kept = groups.map((group, at) => {
    const bits = Math.min(16, Math.max(0, prefix - 16 * at));
    return (Number.parseInt(group, 16) & (0xffff << (16 - bits)) & 0xffff).toString(16);
  });
  return new SocketAddress({ address: kept.join(':'), family: 'ipv6' }).address;
}

export function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Adds a network of `networkOf`'s form. */
export function addTo(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/');
  list.addSubnet(address, Number(prefix), familyOf(address));
}

/** A test of whether an address is in a network of `networkOf`'s form. */
export function inNetwork(network: string): (address: string) => boolean {
  const list = new BlockList();
  addTo(list, network);
  return (address) => list.check(address, familyOf(address));
}
