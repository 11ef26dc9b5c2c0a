// What signals do. The launcher imports this file before anything else: without a listener Node.js opens a debugger at
// SIGUSR1, and every other signal ends the process in the middle of its work. Only main.ts and the launcher use this
// file.
import inspector from 'node:inspector';

/** Signals that do nothing. With SIGXFSZ ignored, a file that may not grow is reported as an error of the write. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGXFSZ'] as const;

/** Signals that ask for an end. SIGQUIT is Ctrl-\ at a terminal. */
const stopping = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** A signal that asks for an end. */
export type StopSignal = (typeof stopping)[number];

/** What the signals do at the moment. It changes as the program starts. */
let stopHandler: ((signal: StopSignal) => void) | undefined;
let reloadHandler: () => void = () => undefined;
let wasReloadRequested = false;

/**
 * Ignores the signals that mean nothing here, and remembers a SIGHUP. Signals that ask for an end still end the
 * process.
 */
export function installSignalHandlers(): void {
  for (const signal of ignored) process.on(signal, () => undefined);
  process.on('SIGHUP', () => {
    wasReloadRequested = true;
    reloadHandler();
  });
}

/**
 * Closes a debugger that a SIGUSR1 opened before the launcher's first line had run. One that the command line asks for
 * stays open. Has to be called after the program has waited for something, because the runtime opens the debugger when
 * it next waits.
 */
export function closeDebugger(): void {
  const isRequested = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((options) =>
    /--inspect(?!-port|-publish)/.test(options),
  );
  if (!isRequested && inspector.url() !== undefined) inspector.close();
}

/** Lets SIGHUP end the process again. For a program that checks something and ends, there is nothing to reload. */
export function endOnHangUp(): void {
  process.removeAllListeners('SIGHUP');
}

/**
 * Has signals that ask for an end call `handler`. Must not be called before the settings are read: reading may wait for
 * a pipe, and no listener runs during that wait.
 */
export function onStopSignal(handler: (signal: StopSignal) => void): void {
  if (stopHandler === undefined) for (const signal of stopping) process.on(signal, () => stopHandler?.(signal));
  stopHandler = handler;
}

/** Has SIGHUP call `handler`. Calls it at once if a SIGHUP came since the start. */
export function onHangUp(handler: () => void): void {
  reloadHandler = handler;
  if (wasReloadRequested) handler();
}
