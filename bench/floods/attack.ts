// What an attack is. Each runs in a process of its own (attacker.ts), so that the measuring process, the room's users
// and the attackers do not share an event loop.
import type { hashes } from './data.js';
import type { Probe } from './probes.js';

/** Where an attack finds the daemon, and what belongs to it alone, so that all attacks can run at the same time. */
export interface Target {
  readonly port: number;
  readonly tlsPort: number;
  readonly metricsPort: number;
  /** The path of the control socket. */
  readonly control: string;
  /** The room in which the measured messages are sent. */
  readonly room: string;
  /** The number of the attack's first user: it may log in as `load-N` for as many as it asked for. */
  readonly firstUser: number;
  /** The second byte of the addresses that it comes from: 127.N.x.y. */
  readonly net: number;
}

/** What an attack did. */
export interface Report {
  /** A sentence about what it did and how it was answered, or ''. */
  readonly text: string;
  /** How many of its users are honest and were put out all the same; none unless given. */
  readonly lost?: number;
}

/** Ends an attack. Fulfils with what it did; a string is the text of its report. */
export type End = () => Promise<string | Report>;

/** Begins an attack that is set up. */
export type Begin = () => End | Promise<End>;

/** An attack on a running daemon. */
export interface Attack {
  /** Its name on the command line. */
  readonly name: string;
  /** What the table calls it. */
  readonly title: string;
  /** How many users of its own it logs in as; none unless given. */
  readonly users?: number;
  /** How many of its addresses, the first ones, are banned before the daemon starts; none unless given. */
  readonly banned?: number;
  /** How many seconds it is measured at least: some attacks need time to show. */
  readonly seconds?: number;
  /** What honest people and the operator do meanwhile, besides the talkers. */
  readonly probes?: readonly Probe[];
  /** What a password hash costs when the attack runs alone; cheap unless given (data.ts). */
  readonly hashes?: keyof typeof hashes;
  /** Settings of the daemon that differ from the defaults when the attack runs alone. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How many files the daemon may open when the attack runs alone. */
  readonly files?: number;
  /** Whether its users are honest: then its process keeps the usual priority, which attackers give up. */
  readonly isHonest?: boolean;
  /**
   * Whether it attacks nobody, but shows what to compare the other figures with: it is measured alone only, at the
   * usual priority.
   */
  readonly isComparison?: boolean;
  /** Connects and logs in whom it needs. Fulfils when the attack can begin. */
  setUp(target: Target): Promise<Begin>;
}

/** The source address number `index` of an attack, from 0 to 64,000. */
export function addressOf({ net }: Pick<Target, 'net'>, index: number): string {
  return `127.${net}.${Math.floor(index / 250)}.${1 + (index % 250)}`;
}
