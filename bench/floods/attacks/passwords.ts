// Attacks with wrong passwords, beyond the limits of an address and within them.
import { addressOf, type Attack, type Target } from '../attack.js';
import { Client } from '../clients.js';
import { guessed } from '../data.js';
import { summary } from '../tally.js';

/** How often each address sends a wrong password, and how many addresses do. */
interface Tries {
  readonly addresses: number;
  /** Per second, from each address. */
  readonly rate: number;
}

/** Connects from each address, and then sends wrong passwords for users who exist and users who do not. */
async function tries(target: Target, { addresses, rate }: Tries): Promise<() => () => Promise<string>> {
  const all = await Promise.allSettled(
    Array.from({ length: addresses }, (_, index) => Client.open(target.port, addressOf(target, index))),
  );
  const clients = all.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  return () => {
    let sent = 0;
    // Every address has its turn, so the tries are spread evenly over time.
    const begun = performance.now();
    const timer = setInterval(() => {
      const due = ((performance.now() - begun) / 1000) * rate * addresses;
      for (; sent < due; sent += 1) {
        const socket = clients[sent % clients.length]?.socket;
        if (socket?.writable === true) socket.write(`authenticate_user ${guessed(sent)} wrong-${sent}\n`);
      }
    }, 10);
    return async () => {
      clearInterval(timer);
      const sentence = `${sent.toLocaleString('en-US')} wrong passwords; ${summary(clients.map(({ tally }) => tally))}`;
      for (const client of clients) client.close();
      return sentence;
    };
  };
}

/** Wrong passwords from 200 addresses, each within its limit of 30 a minute. */
export function wrongPasswords(target: Target): Promise<() => () => Promise<string>> {
  return tries(target, { addresses: 200, rate: 0.5 });
}

const beyond: Attack = {
  name: 'passwords',
  title: '500 logins a second with wrong passwords, from 25 addresses, while a user logs in from another',
  hashes: 'costly',
  probes: ['login'],
  setUp: (target) => tries(target, { addresses: 25, rate: 20 }),
};

const within: Attack = {
  name: 'lock-out',
  title: '200 addresses send wrong passwords within their limits, while users log in and an operator creates users',
  hashes: 'costly',
  probes: ['login', 'newcomer', 'create'],
  setUp: (target) => wrongPasswords(target),
};

/** Attacks with wrong passwords. */
export const passwords: readonly Attack[] = [beyond, within];
