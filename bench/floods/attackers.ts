// Starts the processes of attacks (attacker.ts), and tells them when to begin and to end.
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { guard, root } from '../process.js';
import type { Report } from './attack.js';
import type { Ports } from './daemon.js';

/** What the process of an attack is told on its command line. */
export interface Orders {
  readonly name: string;
  readonly ports: Ports;
  readonly room: string;
  /** Milliseconds after which it ends, whatever it is told. */
  readonly lifetime: number;
}

/** What the process of an attack says: that it can begin, that it failed, or what it did. */
export type FromAttacker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly text: string }
  | ({ readonly kind: 'said' } & Report);

/** Milliseconds that an attack may take to connect and log in, and to end. */
const [setUpTimeout, endTimeout] = [120_000, 30_000];

/** A process that attacks. */
export interface Attacker {
  begin(): void;
  /** Ends the attack and fulfils with what it did. */
  end(): Promise<Report>;
  /** Kills the process, if it has not ended. */
  kill(): void;
}

/** Starts the process of an attack and fulfils when the attack can begin, also if its preparation has failed. */
export async function startAttacker(name: string, ports: Ports, room: string, lifetime: number): Promise<Attacker> {
  const orders: Orders = { name, ports, room, lifetime: lifetime + setUpTimeout + endTimeout };
  const child = guard(fork(join(root, 'dist/bench/floods/attacker.js'), [JSON.stringify(orders)]));
  const isReady = new Promise<void>((resolve) => {
    child.once('message', () => resolve());
    child.once('exit', () => resolve());
  });
  const said = new Promise<Report>((resolve) => {
    child.on('message', (message: FromAttacker) => {
      if (message.kind === 'said') resolve(message);
      if (message.kind === 'failed') resolve({ text: `the attack failed: ${message.text}` });
    });
    child.once('exit', () => resolve({ text: 'the attack ended early' }));
  });
  // A process that has ended can't be told anything.
  child.on('error', () => undefined);
  const tell = (word: 'begin' | 'end'): void => {
    if (child.connected) child.send(word);
  };
  await within(setUpTimeout, isReady, undefined);
  return {
    begin: () => tell('begin'),
    end: async () => {
      tell('end');
      const report = await within(endTimeout, said, { text: 'the attack did not end' });
      child.kill('SIGKILL');
      return report;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function within<Value>(milliseconds: number, work: Promise<Value>, otherwise: Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
  });
  const value = await Promise.race([work, late]);
  clearTimeout(timer);
  return value;
}
