// What signals do, from the first line of the launcher on: it imports this file before anything else. Without a
// listener Node.js opens a debugger at SIGUSR1, and every other signal ends the process in the middle of what it does.

import inspector from 'node:inspector';

/** Signals that mean nothing here. SIGXFSZ: a file that may not grow is told as an error of the write. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGXFSZ'] as const;

/** Signals that ask for an end. SIGQUIT is Ctrl-\ at a terminal. */
const stopping = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export type StopSignal = (typeof stopping)[number];

/** What they do, replaced as the program gets on. */
let onStop: ((signal: StopSignal) => void) | undefined;
let onReload: () => void = () => undefined;
let reloadWasAsked = false;

/**
 * Has the signals that mean nothing do nothing, and SIGHUP remembered. Those that ask for an end still end the program
 * at once.
 */
export function installSignalHandlers(): void {
  for (const signal of ignored) process.on(signal, () => undefined);
  process.on('SIGHUP', () => {
    reloadWasAsked = true;
    onReload();
  });
}

/**
 * Closes the debugger that a SIGUSR1 opened before the launcher's first line had run; one that the command line asks
 * for stays. Called once the program has waited for something: the runtime opens it when it next waits.
 */
export function closeDebugger(): void {
  const isAskedFor = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((options) =>
    /--inspect(?!-port|-publish)/.test(options),
  );
  if (!isAskedFor && inspector.url() !== undefined) inspector.close();
}

/** Has SIGHUP end the program again: one that checks something and ends has nothing to read again. */
export function endOnHangUp(): void {
  process.removeAllListeners('SIGHUP');
}

/**
 * From now on a stop is asked of `stop`. Not called before the settings are read: that may wait for a pipe, and while
 * the program waits so, no listener runs.
 */
export function onStopSignal(stop: (signal: StopSignal) => void): void {
  if (onStop === undefined) for (const signal of stopping) process.on(signal, () => onStop?.(signal));
  onStop = stop;
}

/** From now on SIGHUP calls `reload`; at once where one came since the start. */
export function onHangUp(reload: () => void): void {
  onReload = reload;
  if (reloadWasAsked) reload();
}
