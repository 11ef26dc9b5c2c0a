// Attacks with rooms and memberships: joins and leaves, rooms that are made and closed, and one user in very many
// rooms.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attack, Target } from '../attack.js';
import { Client, repeated, staying, userOf, users } from '../clients.js';
import { Control } from '../control.js';
import { churned, hall, halls } from '../data.js';
import { summary } from '../tally.js';

/** Logs one user in, from the attack's first address. */
async function oneUser(target: Target): Promise<Client> {
  const [client] = await users(target, 1, { perAddress: 1 });
  if (client === undefined) throw new Error('the attacker could not log in');
  return client;
}

/** An attack of one session that sends requests as fast as it is read. Ends with how they were answered. */
function oneSession(name: string, title: string, line: (user: string, count: number) => string): Attack {
  return {
    name,
    title,
    users: 1,
    setUp: async (target) => {
      const client = await oneUser(target);
      return () => {
        let count = 0;
        client.pump(() => {
          const lines = Array.from({ length: 100 }, (_, index) => line(userOf(target, 0), count + index)).join('');
          count += 100;
          return lines;
        });
        return async () => {
          client.close();
          return summary([client.tally]);
        };
      };
    },
  };
}

const joinAndLeave: Attack = {
  ...oneSession('churn', 'a session joins and leaves a room all the time, with ten members who read 230 KB/s', (user) =>
    [`join_chatroom ${user} ${churned}\n`, `leave_chatroom ${user} ${churned}\n`].join(''),
  ),
  probes: ['members'],
};

const newRooms = oneSession(
  'new-rooms',
  'one account makes rooms as fast as it can',
  (user, count) =>
    `join_chatroom ${user} new-${process.pid}-${count}\nleave_chatroom ${user} new-${process.pid}-${count}\n`,
);

const memberships: Attack = {
  name: 'memberships',
  title: `a user joins ${halls.toLocaleString('en-US')} rooms, as far as it is let, disconnects, and comes again`,
  users: 1,
  setUp: async (target) => () => {
    let most = 0;
    const tallies: Client['tally'][] = [];
    const end = repeated(1, async (_, ended) => {
      const client = await oneUser(target);
      tallies.push(client.tally);
      const user = userOf(target, 0);
      let sent = 0;
      client.pump(() => {
        if (sent >= halls) return undefined;
        sent += 1;
        return `join_chatroom ${user} ${hall(sent - 1)}\n`;
      });
      const answers = (): number =>
        [...client.tally.codes].reduce((sum, [code, count]) => (code < 100 ? sum + count : sum), 0);
      for (let isEnded = false; answers() <= halls && !isEnded && !client.socket.destroyed; )
        isEnded = await Promise.race([ended.then(() => true), sleep(50, false)]);
      // Its own login was answered 1 too.
      most = Math.max(most, (client.tally.codes.get(1) ?? 1) - 1);
      client.close();
      await sleep(200);
    });
    return async () => {
      const times = await end();
      return `disconnected ${times} times, from ${most.toLocaleString('en-US')} rooms at most; ${summary(tallies)}`;
    };
  },
};

/** Users of the attack come in so many from one address: fewer than may log in in a minute. */
const perAddress = 25;

const joiners = 2000;

const joins: Attack = {
  name: 'joins',
  title: `${joiners.toLocaleString('en-US')} users join one room at once, leave it and join again`,
  users: joiners,
  setUp: async (target) => {
    const clients = await users(target, joiners, { perAddress });
    return () => {
      const end = repeated(1, async (_, ended) => {
        for (const [verb, pause] of [
          ['join_chatroom', 3000],
          ['leave_chatroom', 2000],
        ] as const) {
          for (const [index, client] of clients.entries())
            if (client.socket.writable) client.socket.write(`${verb} ${userOf(target, index)} gathering\n`);
          await Promise.race([ended, sleep(pause)]);
        }
      });
      return async () => {
        const times = await end();
        const stayed = staying(clients);
        for (const client of clients) client.close();
        return `${clients.length} logged in and joined ${times} times, ${stayed} stayed; ${summary(clients.map(({ tally }) => tally))}`;
      };
    };
  },
};

const removed = 300;

const close: Attack = {
  name: 'close',
  title: `an operator closes a room of ${removed}, opens it, and all come again`,
  users: removed,
  setUp: async (target) => {
    const clients = await users(target, removed, { perAddress });
    const control = new Control(target.control);
    return () => {
      const end = repeated(1, async (_, ended) => {
        for (const [index, client] of clients.entries())
          if (client.socket.writable) client.socket.write(`join_chatroom ${userOf(target, index)} closing\n`);
        await Promise.race([ended, sleep(1500)]);
        await control.ask({ command: 'close_room', room: 'closing' });
        await Promise.race([ended, sleep(500)]);
        await control.ask({ command: 'open_room', room: 'closing' });
      });
      return async () => {
        const times = await end();
        control.close();
        const told = (code: number): number =>
          clients.reduce((sum, { tally }) => sum + (tally.codes.get(code) ?? 0), 0);
        const sentence = `closed ${times} times; ${clients.length} members, of whom ${staying(clients)} stayed, were told ${told(106).toLocaleString('en-US')} removals and ${told(102).toLocaleString('en-US')} leavings`;
        for (const client of clients) client.close();
        return sentence;
      };
    };
  },
};

/** Attacks with rooms and memberships. */
export const rooms: readonly Attack[] = [joinAndLeave, newRooms, memberships, joins, close];
