// Bytes that are not requests, sent again and again on new connections.
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, type Attack } from '../attack.js';
import { Client, repeated } from '../clients.js';
import { summary, type Tally } from '../tally.js';

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

/** Sends all bytes on a connection, reads the answers, and fulfils with their tally when it is closed. */
export async function pour(port: number, all: Buffer, address: string, ended?: Promise<void>): Promise<Tally> {
  const client = await Client.open(port, address);
  client.socket.end(all);
  await Promise.race([client.closed, ...(ended === undefined ? [] : [ended])]);
  client.close();
  return client.tally;
}

/** All kinds of bytes, one connection for each at a time. */
export const hostileBytes: Attack = {
  name: 'bytes',
  title: `bytes that are not requests: ${Object.keys(bytes).join('; ')}`,
  setUp: async (target) => () => {
    const all = Object.values(bytes);
    const tallies: Tally[] = [];
    let connections = 0;
    const end = repeated(all.length, async (index, ended) => {
      connections += 1;
      // No address comes more often than it may.
      const address = addressOf(target, connections % 1000);
      tallies.push(await pour(target.port, all[index] ?? Buffer.alloc(0), address, ended));
      await sleep(20);
    });
    return async () => `sent ${await end()} times; ${summary(tallies)}`;
  },
};
