// Plays the watchdog of a service manager (systemd's WatchdogSec): the daemon believes that it is watched, and a program
// named systemd-notify, which stands before the real one in its PATH, writes down when the daemon says that it is alive.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Seconds after which the watchdog would be late. The daemon reports twice in that time. The unit gives it 30, but then a
 * measurement would have no report at all.
 */
export const watchdogSeconds = 10;

/** The watchdog of one daemon. */
export class Watchdog {
  readonly #programs: string;
  readonly #reports: string;

  /** @param folder the folder of the run */
  constructor(folder: string) {
    this.#programs = join(folder, 'programs');
    this.#reports = join(folder, 'watchdog');
    mkdirSync(this.#programs, { recursive: true });
    rmSync(this.#reports, { force: true });
    writeFileSync(
      join(this.#programs, 'systemd-notify'),
      `#!/bin/sh\ncase "$*" in *WATCHDOG=1*) date +%s%3N >> '${this.#reports}' ;; esac\n`,
      { mode: 0o755 },
    );
  }

  /** The environment in which a daemon reports to it. */
  get environment(): Readonly<Record<string, string>> {
    return {
      PATH: `${this.#programs}${delimiter}${process.env['PATH'] ?? ''}`,
      NOTIFY_SOCKET: join(this.#programs, 'no-socket'),
      WATCHDOG_USEC: String(watchdogSeconds * 1e6),
    };
  }

  /** The longest time without a report between two times, in milliseconds since 1970. */
  longestGap(from: number, to: number): number {
    return longestGap(timesIn(this.#reports), from, to);
  }
}

/** The times that the program has written down, in milliseconds since 1970. */
function timesIn(file: string): readonly number[] {
  try {
    return readFileSync(file, 'latin1').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/**
 * The longest time in milliseconds in which there was no report, of those that touch the time from `from` to `to`. A time
 * that has not ended counts up to `to`.
 */
export function longestGap(reports: readonly number[], from: number, to: number): number {
  const inside = reports.filter((time) => time > from && time < to);
  const before = reports.filter((time) => time <= from).at(-1) ?? from;
  const times = [before, ...inside, to];
  return Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? time)));
}
