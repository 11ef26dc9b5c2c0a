// Attacks of guests: connections without a user that send requests ahead, far more than they are answered.
import { Client, repeated } from '../clients.js';
import { addressOf, type Attack } from '../attack.js';
import { summary, Tally } from '../tally.js';

/** How many guests come from how many addresses. */
interface Guests {
  readonly guests: number;
  readonly addresses: number;
  readonly reads: boolean;
}

/** What guests send. */
interface Flood {
  readonly name: string;
  readonly title: string;
  readonly bytes: Buffer;
}

const help: Flood = { name: 'help', title: '`help`', bytes: Buffer.from('help\n'.repeat(10_000)) };

/** Lines as long as a line may be. Each is refused only after it was parsed to its end. */
const badJson: Flood = {
  name: 'json',
  title: '15 KB lines of bad JSON',
  bytes: Buffer.from(`{"command":"ping","data":"${'\\u00e9'.repeat(2500)}"\n`.repeat(8)),
};

/** Decomposable marks, in an order that normalization has to sort, and characters that it makes many of. */
const slowNames: Flood = {
  name: 'names',
  title: 'names of U+302E, U+1D165 and other characters that are slow to normalize',
  bytes: Buffer.from(
    ['\u302e\u{1d165}', '\u{1d165}', '\u302e', '\u0344\u0f73', '\ufdfa', '\u0f71\u0f72\u302e\u0301']
      .flatMap((unit) => {
        const name = `a${unit.repeat(Math.floor(15_000 / Buffer.byteLength(unit)))}`;
        return [`create_user ${name} A B rabbit-hole\n`, `authenticate_user ${name} rabbit-hole\n`];
      })
      .join(''),
  ),
};

function flood({ name, title, bytes }: Flood, { guests, addresses, reads }: Guests): Attack {
  const where = addresses === 1 ? 'one address' : `${addresses} addresses`;
  return {
    name: `${name}-${guests}-${addresses}${reads ? '' : '-deaf'}`,
    title: `${guests} guests of ${where} send ${title} ahead ${reads ? 'and read' : 'and read nothing'}`,
    setUp: async (target) => () => {
      const tally = { codes: new Map<number, number>(), reasons: new Map<string, number>() };
      const tallies: Pick<Tally, 'codes' | 'reasons'>[] = [tally];
      let open = 0;
      let most = 0;
      const end = repeated(guests, async (index, ended) => {
        const client = await Client.open(target.port, addressOf(target, index % addresses));
        tallies.push(client.tally);
        open += 1;
        most = Math.max(most, open);
        if (!reads) client.socket.pause();
        client.pump(() => bytes);
        await Promise.race([client.closed, ended]);
        open -= 1;
        client.close();
        // Who was refused comes again, but not at once.
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 1000))]);
      });
      return async () => {
        const times = await end();
        return `${times} connections, ${most} at one time; ${summary(tallies)}`;
      };
    },
  };
}

const crowds: readonly Guests[] = [
  { guests: 60, addresses: 1, reads: true },
  { guests: 60, addresses: 1, reads: false },
  { guests: 1200, addresses: 1, reads: true },
  { guests: 1200, addresses: 20, reads: true },
  { guests: 1200, addresses: 20, reads: false },
];

/** Floods by guests, each of one address and of many. */
export const guests: readonly Attack[] = [
  ...[help, badJson].flatMap((each) => crowds.map((crowd) => flood(each, crowd))),
  flood(slowNames, { guests: 20, addresses: 1, reads: true }),
];
