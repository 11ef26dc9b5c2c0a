// Members of the measured room who stop reading, and, for comparison, members who read.
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, type Attack, type Target } from '../attack.js';
import { Client, repeated, staying, userOf, users } from '../clients.js';
import { summary } from '../tally.js';

const readers = 200;

/** They come in so many from one address: fewer than may log in in a minute. */
const perAddress = 20;

async function members(target: Target): Promise<readonly Client[]> {
  const clients = await users(target, readers, { perAddress });
  await Promise.all(
    clients.map((client, index) => client.ask(`join_chatroom ${userOf(target, index)} ${target.room}`)),
  );
  return clients;
}

/** Not an attack, for comparison: as many members who read. */
const good: Attack = {
  name: 'readers',
  title: `${readers} more members of the room, who read`,
  users: readers,
  isHonest: true,
  setUp: async (target) => {
    const clients = await members(target);
    return () => async () => {
      const stayed = staying(clients);
      for (const client of clients) client.close();
      return { text: `${stayed} of ${clients.length} stayed`, lost: clients.length - stayed };
    };
  },
};

/** Seconds in which somebody who has stopped reading is put out: first the buffers of the kernel have to be full. */
const seconds = 20;

const stopped: Attack = {
  name: 'stopped',
  title: `${readers} members of the room who have stopped reading`,
  users: readers,
  seconds,
  setUp: async (target) => {
    const clients = await members(target);
    return () => {
      for (const { socket } of clients) socket.pause();
      return async () => {
        // What waits in the sockets is read, so that some of the 199s show; the daemon has counted them.
        for (const { socket } of clients) socket.resume();
        await sleep(2000);
        const sentence = summary(clients.map(({ tally }) => tally));
        for (const client of clients) client.close();
        return sentence;
      };
    };
  },
};

/** Milliseconds after which those who come again leave by themselves. */
const leavesAfter = 14_000;

const returning: Attack = {
  name: 'returning',
  title: `${readers} members of the room who stop reading, leave after ${leavesAfter / 1000} s and log in again`,
  users: readers,
  seconds,
  setUp: async (target) => {
    const first = [...(await members(target))];
    return () => {
      const tallies: Client['tally'][] = [];
      const end = repeated(readers, async (index, ended) => {
        let client = first.pop();
        if (client === undefined) {
          client = await Client.open(target.port, addressOf(target, Math.floor(index / perAddress)));
          tallies.push(client.tally);
          await Promise.race([client.logIn(userOf(target, index)), ended]);
          await Promise.race([client.ask(`join_chatroom ${userOf(target, index)} ${target.room}`), ended]);
        }
        client.socket.pause();
        await Promise.race([client.closed, ended, sleep(leavesAfter)]);
        client.close();
      });
      return async () => {
        const times = await end();
        return `stopped reading ${times} times; ${summary(tallies)}`;
      };
    };
  },
};

/** Members who read, and who do not. */
export const roomReaders: readonly Attack[] = [good, stopped, returning];
