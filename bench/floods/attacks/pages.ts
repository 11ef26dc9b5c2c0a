// Attacks that make the daemon read much from its store: pages of long messages that nobody reads, and pool.ts.
import type { Attack } from '../attack.js';
import { users } from '../clients.js';
import { long, longLength } from '../data.js';
import { summary } from '../tally.js';
import { pool, rivals } from './pool.js';

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

/** Attacks on the store. */
export const store: readonly Attack[] = [pages, pool, rivals];
