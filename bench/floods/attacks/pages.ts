// Attacks that make the daemon read much from its store: pages of long messages that nobody reads, and scans beside
// hashes and a backup.
import type { Attack, Target } from '../attack.js';
import { Client, repeated, users, type Spread } from '../clients.js';
import { Control } from '../control.js';
import { big, bigLength, long, longLength } from '../data.js';
import { summary } from '../tally.js';
import { wrongPasswords } from './passwords.js';

const deaf = 64;

const pages: Attack = {
  name: 'pages',
  title: `${deaf} sessions each ask one chatroom_history of ${longLength} long messages and read nothing`,
  users: deaf,
  setUp: async (target) => {
    // More than may log in from one address in a minute, so they come from three.
    const clients = await users(target, deaf, { perAddress: 22 });
    for (const [index, { socket }] of clients.entries())
      socket.write(`join_chatroom load-${target.firstUser + index} ${long}\n`);
    return () => {
      for (const { socket } of clients) {
        socket.pause();
        socket.write(`${JSON.stringify({ command: 'chatroom_history', room: long, limit: longLength })}\n`);
      }
      return async () => {
        // What waits in the socket is read to its end, so that a 199 shows.
        for (const { socket } of clients) socket.resume();
        await new Promise((resolve) => setTimeout(resolve, 2000));
        const sentence = `${clients.length} sessions; ${summary(clients.map(({ tally }) => tally))}`;
        for (const client of clients) client.close();
        return sentence;
      };
    };
  },
};

/** How many sessions read history, and as many list rooms. */
const scanners = 16;

/** Sessions that send one kind of request after the other, the next once the last is answered. */
async function askers(
  target: Target,
  spread: Spread,
  line: (count: number) => string,
): Promise<() => () => Promise<string>> {
  const clients = await users(target, scanners, spread);
  for (const [index, client] of clients.entries())
    await client.ask(`join_chatroom load-${target.firstUser + (spread.user ?? 0) + index} ${big}`);
  return () => {
    let count = 0;
    const end = repeated(clients.length, async (index) => {
      count += 1;
      const answer = await clients[index]?.ask(line(count));
      if (answer === undefined || !answer.startsWith('1\t')) throw new Error('refused');
    });
    return async () => {
      for (const client of clients) client.close();
      await end();
      return summary(clients.map(({ tally }: Client) => tally));
    };
  };
}

/** Takes backup after backup, and reads each as it comes. */
function backups({ control: path }: Target): () => Promise<string> {
  const end = repeated(1, async (_, ended) => {
    const control = new Control(path);
    const done = control.ask({ command: 'back_up' }, 60_000);
    try {
      await Promise.race([done, ended]);
    } finally {
      control.close();
      // It may have been ended in its middle.
      await done.catch(() => undefined);
    }
  });
  return async () => `${await end()} backups`;
}

const pool: Attack = {
  name: 'pool',
  title: `100 wrong passwords a second from 200 addresses, ${scanners} sessions that scan rooms, ${scanners} that read history, and backups`,
  users: 2 * scanners,
  hashes: 'costly',
  setUp: async (target) => {
    const scans = await askers(target, { perAddress: 16, from: 300 }, (count) =>
      JSON.stringify({ command: 'list_chatrooms', match: `l-${count % 1000}7`, limit: 1000 }),
    );
    const reads = await askers(target, { perAddress: 16, from: 301, user: scanners }, (count) =>
      JSON.stringify({
        command: 'chatroom_history',
        room: big,
        after: (count * 577) % (bigLength - 1000),
        limit: 1000,
      }),
    );
    const hashes = await wrongPasswords(target);
    return () => {
      const ends = [
        ['passwords', hashes()],
        ['scans', scans()],
        ['history', reads()],
        ['operator', backups(target)],
      ] as const;
      return async () => {
        const parts = await Promise.all(ends.map(async ([name, end]) => `${name}: ${await end()}`));
        return parts.join('. ');
      };
    };
  },
};

/** Attacks on the store. */
export const store: readonly Attack[] = [pages, pool];
