// Handles signals. The launcher (bin/salond) imports this file before anything else: without a listener Node.js opens a
// debugger at SIGUSR1, and every other signal ends the process in the middle of its work. Only main.ts, run.ts and the
// launcher use this file.
import inspector from 'node:inspector';

/** Signals that are ignored. With SIGXFSZ ignored, a write to a file that may not grow fails with an error. */
const ignored = ['SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGIO', 'SIGPWR', 'SIGSTKFLT', 'SIGXFSZ'] as const;

/** Signals that ask for an end. SIGQUIT is Ctrl-\ at a terminal. */
const stopping = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

/** A signal that asks for an end. */
export type StopSignal = (typeof stopping)[number];

/** The current handlers. They change while the program starts. */
let stopHandler: ((signal: StopSignal) => void) | undefined;
let reloadHandler: () => void = () => undefined;
let wasReloadRequested = false;

/** Ignores the signals that mean nothing here, and remembers a SIGHUP. SIGTERM and its like still end the process. */
export function installSignalHandlers(): void {
  for (const signal of ignored) process.on(signal, () => undefined);
  process.on('SIGHUP', () => {
    wasReloadRequested = true;
    reloadHandler();
  });
}

/**
 * Closes a debugger that a SIGUSR1 opened before the launcher's first line had run. A debugger that the command line
 * asks for stays open. Node.js opens the debugger in a later turn of the event loop, so the caller has to await a turn
 * first.
 */
export function closeDebugger(): void {
  const isRequested = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((options) =>
    /--inspect(?!-port|-publish)/.test(options),
  );
  if (!isRequested && inspector.url() !== undefined) inspector.close();
}

/** Lets SIGHUP end the process again, for a program that only checks something and has nothing to reload. */
export function endOnHangUp(): void {
  process.removeAllListeners('SIGHUP');
}

/**
 * Calls `handler` for signals that ask for an end. Must not be called before the settings are read: reading may wait
 * for a pipe, and no listener runs during that wait.
 */
export function onStopSignal(handler: (signal: StopSignal) => void): void {
  if (stopHandler === undefined) for (const signal of stopping) process.on(signal, () => stopHandler?.(signal));
  stopHandler = handler;
}

/** Calls `handler` for each SIGHUP, and at once if one came since the start. */
export function onHangUp(handler: () => void): void {
  reloadHandler = handler;
  if (wasReloadRequested) handler();
}
