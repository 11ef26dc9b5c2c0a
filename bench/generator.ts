// Compiles and runs the load generator (load/).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { BenchError } from './arguments.js';
import { guard, isInstalled, root, type Running } from './process.js';
import { textOf, type Server } from './servers.js';

/**
 * How the generator sends. `gathered`: it looks at its sockets every 0.3 ms, and a sender writes all due messages in
 * one write. `single`: it sleeps in epoll, and each message is a write of its own, as soon as its sender has a free
 * place in the window.
 */
export type Mode = 'gathered' | 'single';

/** Both modes, in the order of the tables. */
export const modes: readonly Mode[] = ['gathered', 'single'];

/** The connections of a load and how they are spread over rooms. */
export interface Crowd {
  readonly rooms: number;
  readonly members: number;
  /** Members of each room that send. */
  readonly speakers: number;
  /** Bytes of a message's text; 100 unless given. */
  readonly bytes?: number;
  /** The number of the first room, where other crowds are connected already. */
  readonly from?: number;
  /** How many addresses of 127.0.2.0/24 the connections come from, by turns; from 127.0.0.1 unless given. */
  readonly addresses?: number;
  readonly mode: Mode;
}

/** A crowd that keeps a window full, so the server sets the pace. */
export interface Load extends Crowd {
  /** Messages that are in flight in each room. */
  readonly window: number;
}

/** The durations of a run, in seconds. */
export interface Times {
  readonly seconds: number;
  /** 1 unless given. */
  readonly warmup?: number;
  /** How long the last messages may take; 20 unless given. */
  readonly drain?: number;
}

/** The figures of one run. */
export interface Figures {
  /** Per second. */
  readonly deliveries: number;
  readonly messages: number;
  /** Milliseconds from a message's sending, or from when it was due, until all others of its room have it. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  /** Processors that the server and the generator kept busy. */
  readonly server: number;
  readonly generator: number;
}

/** The figures of one run, and the messages that were sent and received since all members joined. */
export interface Run extends Figures {
  readonly sent: number;
  readonly received: number;
}

/** The path of the generator's executable, which `compile` writes. */
export const program = join(root, 'dist/bench/load');

/** Compiles the generator. Throws BenchError where there is no C compiler. */
export function compile(): void {
  if (!isInstalled('cc')) throw new BenchError('the load generator needs a C compiler: apt-get install gcc libc6-dev');
  mkdirSync(join(root, 'dist/bench'), { recursive: true });
  // Renamed into place, because the old one may be running.
  const fresh = `${program}-${process.pid}`;
  const folder = join(root, 'bench/load');
  const sources = readdirSync(folder)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(folder, name));
  execFileSync('cc', ['-O3', '-march=native', '-o', fresh, ...sources], { stdio: 'inherit' });
  renameSync(fresh, program);
}

let runs = 0;

/** The generator's command line: with a window it runs once, without one it waits for rates. */
export function optionsOf(
  server: Server,
  { pid, port }: Running,
  crowd: Crowd,
  times: Times,
  window?: number,
): readonly string[] {
  runs += 1;
  const { hello, expect, then, message, replies } = server.dialect(
    `run-${process.pid}-${runs}`,
    textOf(crowd.bytes ?? 100),
  );
  const options: Readonly<Record<string, string | number | undefined>> = {
    port,
    pid,
    mode: crowd.mode,
    rooms: crowd.rooms,
    members: crowd.members,
    speakers: crowd.speakers,
    window,
    from: crowd.from,
    addresses: crowd.addresses,
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

/** Runs a load against a running server. Rejects if a member did not get exactly what was sent. */
export async function runLoad(server: Server, running: Running, load: Load, times: Times): Promise<Run> {
  const generator = startGenerator(optionsOf(server, running, load, times, load.window));
  await generator.next();
  return JSON.parse(await generator.next()) as Run;
}

/** A crowd that is connected and in its rooms, and is idle between runs. */
export interface Gathering {
  /** Sends at a rate, each message when it is due, even if earlier ones are late. Rejects as `runLoad` does. */
  flow(messagesPerSecond: number): Promise<Run>;
  /** Ends the connections. */
  leave(): Promise<void>;
}

/** Connects a crowd and fulfils when everyone is in their room. */
export async function gather(server: Server, running: Running, crowd: Crowd, times: Times): Promise<Gathering> {
  const generator = startGenerator(optionsOf(server, running, crowd, times));
  await generator.next();
  return {
    flow: async (rate) => {
      generator.say(`${rate}\n`);
      return JSON.parse(await generator.next()) as Run;
    },
    leave: () => generator.end(),
  };
}

interface Generator {
  /** Fulfils with the next line of its output. Rejects with its standard error when it has ended. */
  next(): Promise<string>;
  say(text: string): void;
  end(): Promise<void>;
}

function startGenerator(options: readonly string[]): Generator {
  const child = guard(spawn(program, options, { stdio: ['pipe', 'pipe', 'pipe'] }));
  const exited = once(child, 'exit');
  const lines: AsyncIterator<string, undefined> = createInterface(child.stdout)[Symbol.asyncIterator]();
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const complained = once(child.stderr, 'close');
  // A generator that has failed reads no more.
  child.stdin.on('error', () => undefined);
  return {
    next: async () => {
      const line = await lines.next();
      if (line.done !== true) return line.value;
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
