// Shows where the daemon's main thread spent its time, from the profile that loop-delay.ts writes.
import { readFileSync } from 'node:fs';
import { frames, selfTimes, type CpuProfile, type Frame } from '../flame.js';
import { percent } from '../markdown.js';

/** How many functions are shown of each kind. */
const shown = 25;

/** Each function's share of the time with all that it called, in descending order. */
export function totalTimes(root: Frame): readonly { readonly name: string; readonly share: number }[] {
  const times = new Map<string, number>();
  const visit = (frame: Frame, around: ReadonlySet<string>): void => {
    // A function that calls itself counts once.
    if (!around.has(frame.name)) times.set(frame.name, (times.get(frame.name) ?? 0) + frame.total);
    const within = new Set(around).add(frame.name);
    for (const child of frame.children.values()) visit(child, within);
  };
  for (const child of root.children.values()) visit(child, new Set());
  return [...times].map(([name, time]) => ({ name, share: time / root.total })).sort((a, b) => b.share - a.share);
}

/**
 * The functions that took most time by themselves, and those of the daemon that took most with all that they called:
 * during all of the profile, and during the long steps, or the longest one where none was long.
 * @param steps when they began and ended, in milliseconds of the monotonic clock
 */
export function hotFunctions(file: string, steps: readonly (readonly [begin: number, end: number])[] = []): string {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile & { readonly startTime: number };
  const within = steps.map(([begin, end]) => [begin, end].map((time) => time * 1000 - profile.startTime));
  const long = frames(profile, (at) => within.some(([begin = 0, end = 0]) => at >= begin && at < end));
  return `${listOf(frames(profile))}\n  in the longest steps, ${steps.length}:\n${listOf(long)}`;
}

function listOf(root: Frame): string {
  const lines = (all: readonly { readonly name: string; readonly share: number }[]): string =>
    all
      .slice(0, shown)
      .map(({ name, share }) => `    ${percent(share).padStart(5)} ${name}`)
      .join('\n');
  const ours = totalTimes(root).filter(({ name }) => name.includes('.js:') && !name.includes(' node:'));
  return `  by themselves:\n${lines(selfTimes(root))}\n  with what they called:\n${lines(ours)}`;
}
