// The attacks of `npm run bench:floods`: readers that stop reading, hundreds of wrong passwords, and bytes that are not
// requests. Each runs until it is ended, and then reports its effect.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Asker } from '../asker.js';
import { password } from '../salond-data.js';

/** An attack on a running daemon. */
export interface Attack {
  readonly title: string;
  /**
   * Starts the attack. Fulfils with a function that ends it, which fulfils with a sentence for the report, or ''.
   * @param room the room in which messages are sent during the attack
   */
  start(port: number, room: string): Promise<() => Promise<string>>;
}

async function open(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/**
 * Repeats `work` in `times` parallel loops. Returns a function that ends the loops and fulfils with the number of
 * repetitions.
 */
function repeated(times: number, work: (index: number) => Promise<void>): () => Promise<number> {
  let ended = false;
  let done = 0;
  const all = Array.from({ length: times }, async (_, index) => {
    while (!ended) {
      await work(index);
      done += 1;
    }
  });
  return async () => {
    ended = true;
    await Promise.all(all);
    return done;
  };
}

const readers = 200;

/** Connects a user and brings it into the room. */
async function member(port: number, room: string, index: number): Promise<Socket> {
  const socket = await open(port);
  const user = `load-${1000 + index}`;
  for (const command of [`authenticate_user ${user} ${password}`, `join_chatroom ${user} ${room}`]) {
    socket.write(`${command}\n`);
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  }
  return socket;
}

function members(port: number, room: string): Promise<Socket[]> {
  return Promise.all(Array.from({ length: readers }, (_, index) => member(port, room, index)));
}

/** Not an attack, for comparison: as many members who read. */
const goodReaders: Attack = {
  title: `${readers} more members of the room, who read`,
  start: async (port, room) => {
    const sockets = await members(port, room);
    for (const socket of sockets) socket.resume();
    return async () => {
      const left = sockets.filter(({ closed }) => !closed).length;
      for (const socket of sockets) socket.destroy();
      return `${left} stayed`;
    };
  },
};

const stoppedReaders: Attack = {
  title: `${readers} members of the room who have stopped reading`,
  start: async (port, room) => {
    const sockets = await members(port, room);
    for (const socket of sockets) socket.pause();
    return async () => {
      for (const socket of sockets) socket.destroy();
      return '';
    };
  },
};

const returningReaders: Attack = {
  title: `${readers} members of the room who have stopped reading, and log in again when they are disconnected`,
  start: async (port, room) => {
    const first = await members(port, room);
    const end = repeated(readers, async (index) => {
      const socket = first.pop() ?? (await member(port, room, index));
      socket.pause();
      await Promise.race([once(socket, 'close'), sleep(14_000)]);
      socket.destroy();
    });
    return async () => `${await end()} logins`;
  },
};

const tries = 500;
const addresses = 25;

const passwords: Attack = {
  title: `${tries} logins a second with wrong passwords, from ${addresses} addresses, while a user logs in from another`,
  start: async (port) => {
    const perAddress = tries / addresses;
    let sent = 0;
    const attackers = await Promise.all(
      Array.from({ length: addresses }, (_, index) => open(port, `127.0.1.${index + 1}`)),
    );
    for (const socket of attackers) socket.resume();
    const timer = setInterval(() => {
      for (const [index, socket] of attackers.entries()) {
        if (socket.writable) socket.write(`authenticate_user load-${(index + sent) % 100} wrong-${sent}\n`);
      }
      sent += addresses;
    }, 1000 / perAddress);
    const waits: number[] = [];
    const end = repeated(1, async () => {
      const asker = await Asker.to(port);
      const start = performance.now();
      await asker.ask({ command: 'authenticate_user', username: 'load-2000', password });
      waits.push(performance.now() - start);
      asker.close();
      await sleep(500);
    });
    return async () => {
      clearInterval(timer);
      const logins = await end();
      for (const socket of attackers) socket.destroy();
      return `${sent} wrong passwords were sent; the user logged in ${logins} times of ${logins}, after ${Math.round(Math.max(...waits))} ms at most`;
    };
  },
};

/** Bytes that are not requests, by title. Each is sent again and again, on a new connection every time. */
export const bytes: Readonly<Record<string, Buffer>> = {
  '64 MB without a line end': Buffer.alloc(64 * 1024 * 1024, 'x'),
  '100,000 blank lines': Buffer.alloc(100_000, '\n'),
  'JSON as deep as a line is long': Buffer.from(
    `{"x":${'['.repeat(8000)}${']'.repeat(8000)}}\n${'{"a":'.repeat(3000)}\n`.repeat(20),
  ),
  'numbers, duplicate keys, __proto__, NUL': Buffer.from(
    '{"command":"ping","data":1e400,"data":"x","__proto__":{"data":1},"ref":"\\u0000"}\n'.repeat(2000),
  ),
  'bytes that are not UTF-8': Buffer.from(
    Array.from({ length: 200_000 }, (_, at) => (at % 200 === 199 ? 10 : 0x80 + ((at * 7919) % 0x7f))),
  ),
  'names with many marks, invisible characters and both directions': Buffer.from(
    `create_user ${'a\u0301\u200b\u202e'.repeat(200)} A B rabbit-hole\n`.repeat(500),
  ),
  'expensive requests, sent ahead': Buffer.from('help\nhelp create_user\nget_server\nlist_chatrooms\n'.repeat(2000)),
};

const hostileBytes: Attack = {
  title: `bytes that are not requests: ${Object.keys(bytes).join('; ')}`,
  start: async (port) => {
    const all = Object.values(bytes);
    const end = repeated(all.length, async (index) => {
      await pour(port, all[index] ?? Buffer.alloc(0));
      await sleep(20);
    });
    return async () => `sent ${await end()} times`;
  },
};

/** Sends all bytes on a connection, reads the answers, and fulfils when it is closed. */
export async function pour(port: number, all: Buffer): Promise<void> {
  const socket = await open(port);
  socket.resume().end(all);
  await once(socket, 'close');
}

/** All attacks, in the order of the table. */
export const attacks: readonly Attack[] = [goodReaders, stoppedReaders, returningReaders, passwords, hostileBytes];
