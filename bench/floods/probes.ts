// What honest people and the operator do during an attack, in the measuring process: log in, create users, ask for the
// state and for metrics, and read in a room at the pace of a poor network.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { password } from '../salond-data.js';
import { Client, staying } from './clients.js';
import { Control } from './control.js';
import { churned } from './data.js';
import type { Ports } from './daemon.js';
import { increment } from './tally.js';

/** What can be tried beside an attack. */
export type Probe = 'login' | 'newcomer' | 'create' | 'status' | 'metrics' | 'members';

/** What became of something that was tried again and again. */
export interface Tried {
  readonly probe: Probe;
  readonly tries: number;
  readonly done: number;
  /** Milliseconds that one took which was done, at most. */
  readonly longest: number;
  /** What the others were answered, and how often. */
  readonly refused: ReadonlyMap<string, number>;
}

/** A try. Fulfils with '' if it was done, and with the answer if it was refused; rejects if there was no answer. */
type Try = () => Promise<string>;

/** Ends a probe and fulfils with what became of it. */
export type EndProbe = () => Promise<Tried>;

/** The address of honest people who log in, and of those who read slowly. */
const [loginAddress, readerAddress] = ['127.0.3.1', '127.0.3.2'];

/** Milliseconds that a person waits for an answer. */
const patience = 30_000;

function answerOf(head: string): string {
  return head.startsWith('1\t') ? '' : (/^\d+/.exec(head)?.[0] ?? 'no answer');
}

async function within(milliseconds: number, work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer in ${milliseconds / 1000} s`), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } catch {
    return 'no connection';
  } finally {
    clearTimeout(timer);
  }
}

/** Tries again and again, at a pace. The next try waits for the last. */
function every(probe: Probe, milliseconds: number, attempt: Try): EndProbe {
  const ending = new AbortController();
  const { signal } = ending;
  let [tries, done, longest] = [0, 0, 0];
  const refused = new Map<string, number>();
  const all = (async () => {
    while (!signal.aborted) {
      tries += 1;
      const begun = performance.now();
      const answer = await within(patience, attempt());
      const took = performance.now() - begun;
      if (answer === '') {
        done += 1;
        longest = Math.max(longest, took);
      } else increment(refused, answer);
      // The end interrupts the pause.
      await sleep(Math.max(0, milliseconds - took), undefined, { signal }).catch(() => undefined);
    }
  })();
  return async () => {
    ending.abort();
    await all;
    return { probe, tries, done, longest, refused };
  };
}

async function logIn({ port }: Ports): Promise<string> {
  const client = await Client.open(port, loginAddress);
  try {
    return answerOf(await client.ask(`authenticate_user load-58 ${password}`));
  } finally {
    client.close();
  }
}

/** Logs in from an address that nobody has logged in from, and tries again when it is told to. */
async function logInFrom(address: string, { port }: Ports, refused: Map<string, number>): Promise<string> {
  const client = await Client.open(port, address);
  try {
    for (;;) {
      const reply = await client.ask(`authenticate_user load-59 ${password}`);
      const answer = answerOf(reply);
      if (answer !== '16') return answer;
      increment(refused, answer);
      await sleep(Number(/"retry_after":(\d+)/.exec(reply)?.[1] ?? 1000));
    }
  } finally {
    client.close();
  }
}

/** People at new addresses who log in one after the other. What they are refused on the way is counted as refused. */
function newcomers(ports: Ports): EndProbe {
  let count = 0;
  const onTheWay = new Map<string, number>();
  const end = every('newcomer', 2500, () => {
    count += 1;
    return logInFrom(`127.0.4.${count}`, ports, onTheWay);
  });
  return async () => {
    const tried = await end();
    const refused = new Map(tried.refused);
    for (const [answer, times] of onTheWay) increment(refused, answer, times);
    return { ...tried, refused };
  };
}

/** Asks on a new control connection, as each salonctl does. */
async function operate({ control: path }: Ports, request: Readonly<Record<string, unknown>>): Promise<string> {
  const control = new Control(path);
  try {
    return answerOf(await control.ask(request));
  } finally {
    control.close();
  }
}

function scrape({ metricsPort }: Ports): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ port: metricsPort, host: '127.0.0.1', path: '/metrics', agent: false, timeout: 10_000 });
    request.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? '' : String(response.statusCode)));
    });
    request.on('timeout', () => request.destroy(new Error('late')));
    request.on('error', () => resolve('no answer'));
  });
}

const slowReaders = 10;

/** Bytes a second that each of them reads. */
const slowPace = 230_000;

/** Ten members of a room that others flood. Each counts as a try, which is done if it was not put out. */
async function members({ port }: Ports): Promise<EndProbe> {
  const clients = await Promise.all(
    Array.from({ length: slowReaders }, async (_, index) => {
      const client = await Client.open(port, readerAddress);
      await client.logIn(`load-${60 + index}`);
      await client.ask(`join_chatroom load-${60 + index} ${churned}`);
      client.readAt(slowPace);
      return client;
    }),
  );
  return async () => {
    const done = staying(clients);
    const refused = new Map<string, number>();
    for (const { tally } of clients) for (const [reason, count] of tally.reasons) increment(refused, reason, count);
    for (const client of clients) client.close();
    return { probe: 'members', tries: clients.length, done, longest: 0, refused };
  };
}

/** Begins a probe. */
export async function begin(probe: Probe, ports: Ports, run: number): Promise<EndProbe> {
  let created = 0;
  switch (probe) {
    case 'login':
      // The address is known to the daemon before the attack begins, as those of most people are.
      await logIn(ports);
      // Fewer than 30 a minute, which an address may.
      return every(probe, 2500, () => logIn(ports));
    case 'newcomer':
      return newcomers(ports);
    case 'create':
      return every(probe, 2000, () => {
        created += 1;
        const username = `made-${run}-${created}`;
        return operate(ports, { command: 'create_account', username, first_name: 'M', last_name: 'M', password });
      });
    case 'status':
      return every(probe, 1000, () => operate(ports, { command: 'status' }));
    case 'metrics':
      return every(probe, 1000, () => scrape(ports));
    case 'members':
      return members(ports);
  }
}
