// `npm run bench:timing`: whether one can tell from the time that a refused login takes whether there is such a user. Hashes are at
// the least cost, so that anything else that differs weighs most. Writes docs/timing.md.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { Entry } from '../src/store/store.js';
import { fromCommandLine } from './arguments.js';
import { number, table } from './markdown.js';
import { root } from './process.js';
import { circumstances } from './results.js';
import { median } from './rounds.js';
import { makeData, password } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

const tries = 1000;
const users = 20;

/** By what is wrong: the request, of the try with that number. Names and passwords are equally long in all of them. */
const kinds: Readonly<Record<string, (index: number) => string>> = {
  'a wrong password': (index) => `load-${10 + index % (users / 2)} ${'x'.repeat(password.length)}`,
  'no such user': (index) => `lord-${10 + index % (users / 2)} ${password}`,
  'a disabled user, the right password': (index) => `load-${20 + index % (users / 2)} ${password}`,
  'a disabled user, a wrong password': (index) => `load-${20 + index % (users / 2)} ${'x'.repeat(password.length)}`,
};

async function disableHalf(data: string): Promise<void> {
  const store = await SqliteStore.open<Entry>(data);
  for (let user = 20; user < 20 + users / 2; user += 1) {
    await store.changeUser((await store.findUser(`load-${user}`))?.id ?? NaN, { state: 'disabled' });
  }
  await store.close();
}

/** Milliseconds until the refusal. */
async function refusedAfter(socket: Socket, lines: AsyncIterator<string>, request: string): Promise<number> {
  const begun = performance.now();
  socket.write(`authenticate_user ${request}\n`);
  const { value } = await lines.next();
  const took = performance.now() - begun;
  if (value !== '4\t{"command":"authenticate_user","error":"no user has this name and password"}') throw new Error(`${request}: ${String(value)}`);
  return took;
}

async function measure(): Promise<void> {
  const data = join(makeWorkFolder(), 'timing');
  await makeData(data, 20 + users / 2);
  await disableHalf(data);
  const running = await salond({ data }).start();
  try {
    const socket = connect({ port: running.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const lines = createInterface(socket)[Symbol.asyncIterator]();
    const taken = Object.values(kinds).map((): number[] => []);
    // In turn, and the turn's order turned each time: what the machine does meanwhile meets all of them.
    for (let index = -100; index < tries; index += 1) {
      for (let place = 0; place < taken.length; place += 1) {
        const kind = (place + index + 100) % taken.length;
        const took = await refusedAfter(socket, lines, Object.values(kinds)[kind]?.(index + 100) ?? '');
        if (index >= 0) taken[kind]?.push(took);
      }
    }
    socket.destroy();
    report(taken);
  } finally {
    await running.stop();
  }
}

function report(taken: readonly (readonly number[])[]): void {
  const medians = taken.map(median);
  const first = medians[0] ?? NaN;
  const rows = Object.keys(kinds).map((kind, at) => {
    const sorted = [...taken[at] ?? []].sort((one, other) => one - other);
    return [kind, number(medians[at], 3), number((medians[at] ?? NaN) / first, 3), number(sorted[Math.floor(sorted.length * 0.9)], 3)];
  });
  const { date, processor, kernel, node } = circumstances({ rounds: 1, seconds: 1, messages: 1 });
  const text = `# The time of a refused login

\`npm run bench:timing\` on ${processor}, Linux ${kernel}, Node ${node}, ${date}: ${number(tries)} logins of each kind, by turns, on one connection.
Hashes are at the least cost, N 2^10 and p 1, a ninety-sixth of the default's: what differs besides them weighs most there.

${table(['refused because of', 'median, ms', '× a wrong password', '90 % within, ms'], rows)}
`;
  writeFileSync(join(root, 'docs/timing.md'), text);
  process.stdout.write(text);
}

await fromCommandLine(measure);
