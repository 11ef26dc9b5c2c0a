// `npm run bench:timing`: measures whether the time of a refused login reveals if the user exists, or the state of the
// account. Hashes have the lowest cost, so that other differences are visible; some have an older, still lower cost.
// Writes docs/timing.md.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Passwords } from '../src/accounts/passwords.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { UserChange } from '../src/store/directory.js';
import { fromCommandLine } from './arguments.js';
import { number, table } from './markdown.js';
import { root } from './process.js';
import { circumstances } from './results.js';
import { median } from './rounds.js';
import { makeData, password } from './salond-data.js';
import { salond } from './servers.js';
import { makeWorkFolder } from './work-folder.js';

const tries = 1000;

/** Users in tens: load-20 to load-29 are disabled, and so on. */
const tens = { active: 10, disabled: 20, old: 30, banned: 40, deleted: 50 } as const;

/** Half the cost of new hashes. */
const oldCost = { logN: 9, r: 8, p: 1 } as const;

const wrong = 'x'.repeat(password.length);
/** A password that normalization changes, so that it is checked in both forms. */
const mapped = `e\u0301${'x'.repeat(password.length - 3)}`;

const of =
  (ten: number, tried: string, name = 'load') =>
  (index: number): string =>
    `${name}-${ten + (index % 10)} ${tried}`;

/**
 * By the reason of the refusal: returns the request of the try with that number. All names have the same length, and so
 * have all passwords.
 */
const kinds: Readonly<Record<string, (index: number) => string>> = {
  'a wrong password': of(tens.active, wrong),
  'no such user': of(tens.active, password, 'lord'),
  'a wrong password, an old hash': of(tens.old, wrong),
  'a disabled user, the right password': of(tens.disabled, password),
  'a disabled user, a wrong password': of(tens.disabled, wrong),
  'a banned user, the right password': of(tens.banned, password),
  'a deleted user': of(tens.deleted, password),
  'a wrong password that is mapped': of(tens.active, mapped),
  'the same, an old hash': of(tens.old, mapped),
  'the same, no such user': of(tens.active, mapped, 'lord'),
};

async function prepare(data: string): Promise<void> {
  const store = await SqliteStore.open(data);
  const { directory } = store;
  const old = await new Passwords(oldCost, 1).hash(password);
  const change = async (ten: number, to: UserChange): Promise<void> => {
    for (let user = ten; user < ten + 10; user += 1) {
      await directory.changeUser((await directory.findUser(`load-${user}`))?.id ?? NaN, to);
    }
  };
  await change(tens.disabled, { state: 'disabled' });
  await change(tens.old, { password: old });
  await change(tens.banned, { password: old });
  await change(tens.deleted, { state: 'deleted', firstName: '', lastName: '', password: new Uint8Array() });
  for (let user: number = tens.banned; user < tens.banned + 10; user += 1) {
    await directory.setBan({ kind: 'user', target: `load-${user}`, reason: '', created: Date.now(), until: undefined });
  }
  await store.close();
}

/** Milliseconds until the refusal. */
async function refusedAfter(socket: Socket, lines: AsyncIterator<string, undefined>, request: string): Promise<number> {
  const start = performance.now();
  socket.write(`authenticate_user ${request}\n`);
  const { value } = await lines.next();
  const took = performance.now() - start;
  if (value !== '4\t{"command":"authenticate_user","error":"wrong username or password"}')
    throw new Error(`${request}: ${String(value)}`);
  return took;
}

/** The numbers below `count`, in a random order. */
function shuffled(count: number): readonly number[] {
  const kinds = Array.from({ length: count }, (_, kind) => ({ kind, place: Math.random() }));
  return kinds.sort((one, other) => one.place - other.place).map(({ kind }) => kind);
}

async function measure(): Promise<void> {
  const data = join(makeWorkFolder(), 'timing');
  await makeData(data, 60);
  await prepare(data);
  const running = await salond({ data, settings: { SALOND_LOGIN_SECONDS: '3600' } }).start();
  try {
    const socket = connect({ port: running.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const lines: AsyncIterator<string, undefined> = createInterface(socket)[Symbol.asyncIterator]();
    const taken = Object.values(kinds).map((): number[] => []);
    // The kinds take turns, and each turn has a random order, so that neither the machine nor the request before
    // favours one.
    for (let index = -100; index < tries; index += 1) {
      for (const kind of shuffled(taken.length)) {
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
    const sorted = [...(taken[at] ?? [])].sort((one, other) => one - other);
    const within = (part: number): string => number(sorted[Math.floor(sorted.length * part)], 3);
    return [kind, number(medians[at], 3), number((medians[at] ?? NaN) / first, 3), within(0.1), within(0.9)];
  });
  const { date, processor, kernel, node } = circumstances({ rounds: 1, seconds: 1, messages: 1 });
  const text = `# The time of a refused login

\`npm run bench:timing\` on ${processor}, Linux ${kernel}, Node ${node}, ${date}: ${number(tries)} logins of each kind, by turns, on one connection.
New hashes have the lowest cost, N 2^10 and p 1, which is a ninety-sixth of the default. A difference outside the hash shows best
at that cost. Some accounts have an old hash of half that cost (N 2^9), as if the operator had raised the cost since. So each check
computes two hashes, one of each cost. A password that is not in NFC, or has a space other than U+0020, is mapped. It is checked in
both forms, whichever user it is tried for.

${table(['refused because of', 'median, ms', '× a wrong password', '10 % within, ms', '90 % within, ms'], rows)}
`;
  writeFileSync(join(root, 'docs/timing.md'), text);
  process.stdout.write(text);
}

await fromCommandLine(measure);
