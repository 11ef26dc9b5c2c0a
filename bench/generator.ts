// Compiles and runs the load generator (load/).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BenchError } from './arguments.js';
import { guard, isInstalled, root, type Running } from './process.js';
import { textOf, type Server } from './servers.js';

export interface Crowd {
  readonly rooms: number;
  readonly members: number;
  /** Members of each room that speak. */
  readonly speakers: number;
  /** Bytes of a message's text. */
  readonly bytes?: number;
  /** The number of the first room, where others are there already. */
  readonly from?: number;
  /** Milliseconds between two looks at the sockets, so that no server pays for waking the generator; 0: it sleeps in epoll. */
  readonly beat: number;
}

export interface Load extends Crowd {
  /** Messages of each room on their way at one time. */
  readonly window: number;
}

export interface Times {
  readonly seconds: number;
  readonly warmup?: number;
  /** Seconds that the last messages may take. */
  readonly drain?: number;
}

export interface Figures {
  /** A second. */
  readonly deliveries: number;
  readonly messages: number;
  /** From a message's sending, or the time when it was due, until all the others have it; milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Processors that the server and the generator kept busy. */
  readonly server: number;
  readonly generator: number;
}

/** With what was sent and received since everyone came in: exactly, after the last message has arrived. */
export interface Run extends Figures {
  readonly sent: number;
  readonly received: number;
}

const program = join(root, 'dist/bench/load');

/** Compiles the generator. Throws BenchError where there is no C compiler. */
export function compile(): void {
  if (!isInstalled('cc')) throw new BenchError('the load generator needs a C compiler: apt-get install gcc libc6-dev');
  mkdirSync(join(root, 'dist/bench'), { recursive: true });
  // Beside the old one, which may be running.
  const fresh = `${program}-${process.pid}`;
  const folder = join(root, 'bench/load');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(folder, name));
  execFileSync('cc', ['-O3', '-march=native', '-o', fresh, ...sources], { stdio: 'inherit' });
  renameSync(fresh, program);
}

let runs = 0;

function optionsOf(server: Server, { pid, port }: Running, crowd: Crowd, times: Times, window?: number): string[] {
  runs += 1;
  const { hello, expect, then, message, replies } = server.dialect(
    `run-${process.pid}-${runs}`,
    textOf(crowd.bytes ?? 100),
  );
  const options: Readonly<Record<string, string | number | undefined>> = {
    port,
    pid,
    rooms: crowd.rooms,
    members: crowd.members,
    speakers: crowd.speakers,
    window,
    from: crowd.from,
    beat: crowd.beat,
    ...times,
    'at-once': server.atOnce,
    hello,
    expect,
    then: then?.hello,
    'then-expect': then?.expect,
    message,
    replies: replies === true ? 1 : 0,
  };
  return Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

/** Puts the load on a server that runs. Rejects when somebody did not get exactly what was sent. */
export async function put(server: Server, running: Running, load: Load, times: Times): Promise<Run> {
  const lines = generate(optionsOf(server, running, load, times, load.window));
  await lines.next();
  return JSON.parse(await lines.next()) as Run;
}

/** Everyone connected and in their rooms, saying nothing of themselves. */
export interface Gathering {
  /** Sends at a rate, each message when its time has come, whatever became of those before it. Rejects as `put` does. */
  flow(messagesPerSecond: number): Promise<Run>;
  leave(): Promise<void>;
}

export async function gather(server: Server, running: Running, crowd: Crowd, times: Times): Promise<Gathering> {
  const lines = generate(optionsOf(server, running, crowd, times));
  await lines.next();
  return {
    flow: async (rate) => {
      lines.say(`${rate}\n`);
      return JSON.parse(await lines.next()) as Run;
    },
    leave: () => lines.end(),
  };
}

/** The generator as questions and answers. `next` rejects with what the generator complains of when it ends. */
function generate(options: readonly string[]): {
  next(): Promise<string>;
  say(text: string): void;
  end(): Promise<void>;
} {
  const child = guard(spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] }));
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const complained = once(child.stderr, 'close');
  // A generator that has failed reads no more.
  child.stdin.on('error', () => undefined);
  return {
    next: async () => {
      const { done, value } = await lines.next();
      if (done !== true) return value;
      await complained;
      throw new Error(complaint.trim() || 'the load generator was ended');
    },
    say: (text) => void child.stdin.write(text),
    end: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
