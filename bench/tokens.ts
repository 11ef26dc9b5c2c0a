// `npm run bench:tokens`: logins by token per second beside pings over the same connections, and how long it takes until
// many clients that connect at once have all logged in by token and joined their rooms again. Prints a table.
import { join } from 'node:path';
import { keysOf, newToken, tokenText } from '../src/accounts/token-secret.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { nameForms } from '../src/text/names.js';
import { fromCommandLine } from './arguments.js';
import { Asker } from './asker.js';
import { table } from './markdown.js';
import { median, significant } from './rounds.js';
import { makeData } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

const [rounds, seconds] = [Number(process.env['ROUNDS'] ?? 3), Number(process.env['SECONDS'] ?? 5)];

/** Users, each with a token, and as many clients that come back at once. */
const users = 2000;
/** How many of these are in a room. */
const together = 20;
/** Connections of the logins per second, and the logins that each sends ahead. */
const [connections, ahead] = [32, 4];
/** Clients that connect at one time. */
const connecting = 256;

/** Gives each user a token. Answers their texts. */
async function makeTokens(data: string): Promise<readonly string[]> {
  const store = await SqliteStore.open(data);
  const texts = await Promise.all(
    Array.from({ length: users }, async (_, each) => {
      const { id, secret } = newToken();
      const user = (await store.directory.findUser(nameForms(`load-${each}`).key))?.id ?? 0;
      const times = { created: Date.now(), expires: undefined };
      await store.tokens.add({ id, user, parent: undefined, ...keysOf(secret), label: '', ...times }, 1);
      return tokenText(id, secret);
    }),
  );
  await store.close();
  return texts;
}

/** How many of these requests are answered per second. `next` makes those of one write, and says how many count. */
async function perSecond(
  askers: readonly Asker[],
  next: () => { readonly requests: readonly Readonly<Record<string, unknown>>[]; readonly count: number },
): Promise<number> {
  let answered = 0;
  const begin = performance.now();
  const limit = begin + seconds * 1000;
  await Promise.all(
    askers.map(async (asker) => {
      while (performance.now() < limit) {
        const { requests, count } = next();
        await asker.ask(...requests);
        answered += count;
      }
    }),
  );
  return (answered * 1000) / (performance.now() - begin);
}

/** Seconds until all clients have connected, logged in and joined. */
async function allBack(port: number, texts: readonly string[]): Promise<number> {
  const begin = performance.now();
  const askers: Asker[] = [];
  let next = 0;
  const come = async (): Promise<void> => {
    for (let each = next++; each < texts.length; each = next++) {
      const asker = await Asker.to(port);
      askers.push(asker);
      await asker.ask(
        { command: 'authenticate_token', token: texts[each] },
        { command: 'join_chatroom', username: `load-${each}`, room: `room-${Math.floor(each / together)}`, after: 0 },
      );
    }
  };
  await Promise.all(Array.from({ length: connecting }, come));
  const taken = (performance.now() - begin) / 1000;
  for (const asker of askers) asker.close();
  return taken;
}

async function measure(): Promise<void> {
  const data = join(makeWorkFolder(), 'tokens');
  await makeData(data, users);
  const texts = await makeTokens(data);
  const found = { logins: [] as number[], pings: [] as number[], back: [] as number[] };
  const ping = { command: 'ping' };
  for (let round = 0; round < rounds; round += 1) {
    const running = await salond({ data }).start();
    try {
      found.back.push(await allBack(running.port, texts));
      const askers = await Promise.all(Array.from({ length: connections }, () => Asker.to(running.port)));
      let at = 0;
      found.logins.push(
        await perSecond(askers, () => {
          const requests = Array.from({ length: ahead }, () => {
            at = (at + 1) % users;
            return [
              { command: 'authenticate_token', token: texts[at] },
              { command: 'log_out', username: `load-${at}` },
            ];
          });
          return { requests: requests.flat(), count: ahead };
        }),
      );
      // As many lines there and back, so that what remains is what a login costs.
      const pings = Array.from({ length: 2 * ahead }, () => ping);
      found.pings.push(await perSecond(askers, () => ({ requests: pings, count: ahead })));
      for (const asker of askers) asker.close();
    } finally {
      await running.stop();
    }
  }
  const of = (key: keyof typeof found): number => significant(median(found[key]), 3);
  const ratios = found.logins.map((logins, round) => logins / (found.pings[round] ?? NaN));
  process.stdout.write(
    `${table(
      ['measured', 'median'],
      [
        ['logins by token and log_out, pairs a second', String(of('logins'))],
        ['two pings, pairs a second', String(of('pings'))],
        ['ratio, within a round', significant(median(ratios), 2).toString()],
        [`${users} clients connect, log in and join, seconds`, String(of('back'))],
      ],
    )}\n`,
  );
}

await fromCommandLine(measure);
