// Loaded into a daemon before it starts (`node --import`). Measures its event loop from one SIGUSR2 to the next, and
// writes to the file that LOOP_DELAY names, in milliseconds: the longest delay by the clock, the longest step in
// processor time of the loop's thread, and the longest pause for garbage collection that a step contained. A step is
// what the thread does between two ticks of a timer of one millisecond: one turn of the loop, or several short ones.
// Where LOOP_PROFILE names a file, a profile of the thread is written to it as well.
import { openSync, readSync, writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks';

/** Milliseconds between two samples; part of every delay that is measured. */
const resolution = 1;

/** What a measurement found, in milliseconds. */
export interface LoopFigures {
  /** The longest delay by the clock: other processes and pauses of the machine count. */
  readonly delay: number;
  /** The longest step in processor time, without the garbage collection in it. */
  readonly step: number;
  /** The most garbage collection in one step, in processor time as far as it can be told. */
  readonly collection: number;
  /** How many steps took more than ten milliseconds of processor time. */
  readonly long: number;
  /** When the longest step began and ended, in milliseconds of the monotonic clock. */
  readonly longest: readonly [begin: number, end: number];
  /** The same of the first hundred that took more than ten milliseconds. */
  readonly longOnes: readonly (readonly [begin: number, end: number])[];
}

const nothing = { step: 0, collection: 0, long: 0, longest: [0, 0], longOnes: [] } as const;

/** Of how many steps that are long it is kept when they were. */
const mostLongOnes = 100;

/** A step with more processor time is counted as long, in milliseconds. */
const longStep = 10;

/** Measures the steps of the event loop of the thread that makes it. */
export class StepMeter {
  readonly #histogram = monitorEventLoopDelay({ resolution });
  /** Garbage collections by their ends, in milliseconds of the monotonic clock, that no step was charged with yet. */
  #collections: { readonly end: number; readonly duration: number }[] = [];
  readonly #observer = new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      this.#collections.push({ end: startTime + duration, duration });
    }
  });
  /** Steps that are not judged yet: the observer learns of a collection after the step that contains it. */
  #steps: { readonly begin: number; readonly end: number; readonly cpu: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #found: Omit<LoopFigures, 'delay'> = nothing;

  /** Begins a measurement. */
  start(): void {
    this.#found = nothing;
    this.#steps = [];
    this.#collections = [];
    this.#histogram.reset();
    this.#histogram.enable();
    this.#observer.observe({ entryTypes: ['gc'] });
    let [begin, cpu] = [performance.now(), threadMilliseconds()];
    this.#timer = setInterval(() => {
      const [now, used] = [performance.now(), threadMilliseconds()];
      this.#steps.push({ begin, end: now, cpu: used - cpu });
      [begin, cpu] = [now, used];
      // Judged later than the turn in which the observer is told of the collections.
      if (this.#steps.length > 1000) this.#judge();
    }, resolution);
  }

  /** Ends the measurement. To be called at the end of a turn, so that the observer has told of all collections. */
  stop(): LoopFigures {
    clearInterval(this.#timer);
    this.#judge();
    this.#histogram.disable();
    this.#observer.disconnect();
    return { delay: this.#histogram.max / 1e6 - resolution, ...this.#found };
  }

  #judge(): void {
    for (const { begin, end, cpu } of this.#steps) {
      if (cpu < this.#found.step && cpu < longStep) continue;
      let collected = 0;
      for (const each of this.#collections) if (each.end > begin && each.end <= end) collected += each.duration;
      // Collections are timed by the clock. Of the processor the thread had the same share in them as in all of the
      // step.
      const collection = Math.min(cpu, (collected * cpu) / Math.max(cpu, end - begin));
      const step = cpu - collection;
      const found = this.#found;
      const isKept = step > longStep && found.longOnes.length < mostLongOnes;
      this.#found = {
        step: Math.max(found.step, step),
        collection: Math.max(found.collection, collection),
        long: found.long + (step > longStep ? 1 : 0),
        longest: step > found.step ? [monotonic(begin), monotonic(end)] : found.longest,
        longOnes: isKept ? [...found.longOnes, [monotonic(begin), monotonic(end)]] : found.longOnes,
      };
    }
    this.#steps = [];
    this.#collections = [];
  }
}

/**
 * The processor time that this thread has used, in milliseconds. The file has what the scheduler counted last;
 * `cpuUsage` makes it count up to now.
 */
function threadMilliseconds(): number {
  // Stays open, because this is called a thousand times a second.
  schedule ??= openSync('/proc/thread-self/schedstat', 'r');
  process.cpuUsage();
  const length = readSync(schedule, figures, 0, figures.length, 0);
  return Number.parseInt(figures.toString('latin1', 0, length), 10) / 1e6;
}

let schedule: number | undefined;
const figures = Buffer.alloc(100);

/** A time of `performance.now()` in milliseconds of the monotonic clock, which the profiler uses. */
function monotonic(time: number): number {
  return time + Number(process.hrtime.bigint()) / 1e6 - performance.now();
}

/** Profiles this thread. Returns a function that ends the profile and writes it to the file. */
async function profileTo(file: string): Promise<() => Promise<void>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    writeFileSync(file, JSON.stringify(profile));
    session.disconnect();
  };
}

const { LOOP_DELAY: file, LOOP_PROFILE: profile } = process.env;
if (file !== undefined) {
  const meter = new StepMeter();
  let measuring = false;
  let profiling: Promise<() => Promise<void>> | undefined;
  const end = async (): Promise<void> => {
    const figures = meter.stop();
    await (await profiling)?.();
    writeFileSync(file, JSON.stringify(figures));
  };
  process.on('SIGUSR2', () => {
    measuring = !measuring;
    if (measuring) {
      // To start the profiler is a long step itself.
      if (profile !== undefined) profiling = profileTo(profile).finally(() => meter.start());
      else meter.start();
    }
    // The observer is told of collections in a turn of its own.
    else setTimeout(() => void end(), 5);
  });
}
