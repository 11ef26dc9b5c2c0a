// What a bench is asked for: workloads as arguments, sizes in the environment.

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

export type Workload = keyof typeof workloads;

export const workloadNames = Object.keys(workloads) as readonly Workload[];

export interface Sizes {
  /** How often each measurement is made; a figure is the median of as many. */
  readonly rounds: number;
  /** How long one takes, without its warming up. */
  readonly seconds: number;
  /** Messages on disk, where there shall be many. */
  readonly messages: number;
}

/** The bench can't begin; the message says why. */
export class BenchError extends Error {}

/** Runs a bench from the command line, and says on standard error why it can't begin. */
export async function fromCommandLine(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 2;
  }
}

/** The workloads named, in the order of the alphabet; all where none is. Throws BenchError. */
export function workloadsOf(args: readonly string[]): readonly Workload[] {
  const unknown = args.find((each) => !(each in workloads));
  if (unknown !== undefined)
    throw new BenchError(`there is no workload ${unknown}: they are ${workloadNames.join(' ')}`);
  return args.length === 0 ? workloadNames : workloadNames.filter((name) => args.includes(name));
}

/** Throws BenchError. */
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
