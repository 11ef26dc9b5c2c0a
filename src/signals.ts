// What signals do, from the first line of the launcher on: it imports this file before anything else. Without a listener Node.js opens
// a debugger at SIGUSR1, and every other signal ends the process in the middle of what it does.
import { constants } from 'node:os';

/** Signals that mean nothing here. SIGXFSZ: a file that may not grow is told as an error of the write. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGXFSZ'] as const;

/** Signals that ask for an end. SIGQUIT is Ctrl-\ at a terminal. */
const stopping = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export type StopSignal = (typeof stopping)[number];

/** Installed by `take`; what they do is replaced as the program gets on. */
let onStop: (signal: StopSignal) => void = dieOf;
let onReload: () => void = () => undefined;
let reloadWasAsked = false;

/** Ends as a program does that has no listener. Where the system does not let it, as the first process of a container, by its exit status. */
function dieOf(signal: StopSignal): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  setTimeout(() => process.exit(128 + constants.signals[signal]), 50);
}

/** Takes all signals. SIGTERM, SIGINT and SIGQUIT end the program, SIGHUP is remembered, the others do nothing. */
export function takeSignals(): void {
  for (const signal of ignored) process.on(signal, () => undefined);
  for (const signal of stopping) process.on(signal, () => onStop(signal));
  process.on('SIGHUP', () => {
    reloadWasAsked = true;
    onReload();
  });
}

/** Has SIGHUP end the program again: one that checks something and ends has nothing to read again. */
export function endAtHangUp(): void {
  process.removeAllListeners('SIGHUP');
}

/** From now on a stop is asked of `stop`. */
export function whenStopped(stop: (signal: StopSignal) => void): void {
  onStop = stop;
}

/** From now on SIGHUP calls `reload`; at once where one came since the start. */
export function whenHungUp(reload: () => void): void {
  onReload = reload;
  if (reloadWasAsked) reload();
}
