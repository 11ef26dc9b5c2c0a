// Reads the arguments of the bench's programs: workloads from the command line, sizes from the environment.

/** The workloads, with their titles. */
export const workloads = {
  a: 'one room of 54, 1,024 in flight',
  b: '100 rooms of 12, 200 in flight',
  c: '100 rooms of 12, 12,800 in flight',
  d: 'one message at a time in a room of 54',
  e: '10,000 connections in 1,000 rooms at a fixed rate',
  f: 'one room of 5,000',
  g: '10,000 idle connections',
  h: 'password logins',
  i: 'history pages while messages flow',
  j: 'start with many messages on disk',
} as const;

/** The letter of a workload. */
export type Workload = keyof typeof workloads;

/** The letters of all workloads, in their order. */
export const workloadNames = Object.keys(workloads) as readonly Workload[];

/** The extent of a measurement. */
export interface Sizes {
  /** How many times each measurement is taken; a figure is their median. */
  readonly rounds: number;
  /** Seconds of one measurement, without its warm-up. */
  readonly seconds: number;
  /** Messages on disk, where a workload needs many. */
  readonly messages: number;
}

/** The bench can't run as requested; the message says why. */
export class BenchError extends Error {}

/** Runs a bench from the command line. A BenchError becomes a line on standard error and exit status 2. */
export async function fromCommandLine(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  }
}

/** The workloads that are named, in their order; all if none is named. Throws BenchError for an unknown one. */
export function workloadsOf(args: readonly string[]): readonly Workload[] {
  const unknown = args.find((each) => !(each in workloads));
  if (unknown !== undefined)
    throw new BenchError(`there is no workload ${unknown}: they are ${workloadNames.join(' ')}`);
  return args.length === 0 ? workloadNames : workloadNames.filter((name) => args.includes(name));
}

/**
 * The sizes from ROUNDS, SECONDS and MESSAGES in the environment. Throws BenchError for one that is not a positive
 * number.
 */
export function sizesOf(env: Readonly<Record<string, string | undefined>>, defaults: Sizes): Sizes {
  return {
    rounds: sizeOf(env, 'ROUNDS', defaults.rounds, Number.isInteger),
    seconds: sizeOf(env, 'SECONDS', defaults.seconds, Number.isFinite),
    messages: sizeOf(env, 'MESSAGES', defaults.messages, Number.isInteger),
  };
}

function sizeOf(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  byDefault: number,
  isRight: (value: number) => boolean,
): number {
  const text = env[name];
  if (text === undefined || text === '') return byDefault;
  const value = Number(text);
  if (!isRight(value) || value <= 0) throw new BenchError(`${name} is not a number that it can be: ${text}`);
  return value;
}
