// The operator's program: what is typed becomes a request, and the reply sentences, a table or JSON.
import { existsSync } from 'node:fs';
import { printable } from '../ops/printable.js';
import { answer } from './answers.js';
import { ask, goesOn } from './ask.js';
import { ControlConnection } from './control-connection.js';
import { BadData, FileError, Refused, Unreachable, UsageError } from './errors.js';
import type { GlobalOptions, LocalInvocation, RequestInvocation } from './invocation.js';
import { standardStream } from './local.js';
import { columnsOf, isSystemError, jsonLine, print, systemReason } from './output.js';
import type { Results } from './show.js';
import { read } from './usage.js';

/** sysexits(3); 1 is a no of the daemon's. */
const statuses = [
  [UsageError, 64],
  [BadData, 65],
  [Unreachable, 69],
  [FileError, 73],
  [Refused, 1],
] as const;

/** A fault of salonctl's own: EX_SOFTWARE. */
const fault = 70;

const sockets = ['/run/salond/control.sock', 'salond-data/control'] as const;

/** Seconds without a line from the daemon after which most commands give up. */
const patience = 10;

function socketOf({ socket = process.env['SALONCTL_SOCKET'] }: GlobalOptions): string {
  if (socket === '')
    throw new UsageError('the path of the control socket is empty: look at --socket and SALONCTL_SOCKET');
  return socket ?? sockets.find((path) => existsSync(path)) ?? sockets[0];
}

/** Does what was asked, on a connection that it opens when it needs one. */
async function carryOut(asked: RequestInvocation | LocalInvocation): Promise<object | undefined> {
  const { options } = asked;
  const limit = options.timeout ?? (asked.kind === 'local' ? asked.command.patience : undefined) ?? patience;
  let connection: ControlConnection | undefined;
  const connect = async (): Promise<ControlConnection> => {
    connection = await ControlConnection.open(socketOf(options), limit);
    return connection;
  };
  try {
    if (asked.kind === 'request') return await ask(await connect(), asked);
    return await asked.command.run(asked.values, asked.given, { connect, json: options.json });
  } finally {
    connection?.close();
  }
}

/** Runs the command line. Fulfils with the exit status. */
async function run(args: readonly string[]): Promise<number> {
  const { stdout, stderr } = process;
  const asked = read(args, Math.min(columnsOf(stdout) ?? 80, 100));
  if (asked.kind === 'text') {
    await print(asked.status === 0 ? stdout : stderr, asked.text);
    return asked.status;
  }
  const results = await carryOut(asked);
  if (results === undefined) return 0;
  const isTaken = asked.kind === 'local' && asked.command.makesFile === true && asked.values[0] === standardStream;
  const out = isTaken ? stderr : stdout;
  if (asked.options.json) {
    await print(out, jsonLine({ ...results, command: undefined }));
    return 0;
  }
  const name = asked.kind === 'request' ? asked.spec.name : asked.words;
  await print(out, answer(name, results as Results, columnsOf(out) ?? Infinity).join('\n'));
  const more = goesOn(results as Results);
  if (more !== undefined) await print(stderr, `salonctl: ${printable(more)}`);
  return 0;
}

/** What the error is, a line or a few, and the exit status. */
function explained(error: unknown): readonly [text: string, status: number] {
  const { message, stack = message } = error as Error;
  const [, status] = statuses.find(([kind]) => error instanceof kind) ?? [];
  // Of several lines are salonctl's own words only.
  if (error instanceof UsageError) return [message.split('\n').map(printable).join('\n'), 64];
  if (status !== undefined) return [printable(message), status];
  // Of the system's: one of writing that no other code explained is about standard output.
  if (isSystemError(error))
    return [error.syscall === 'write' ? `the output can't be written: ${systemReason(error)}` : printable(message), 73];
  const shown = process.env['SALONCTL_DEBUG'] === undefined ? `${message} (SALONCTL_DEBUG=1 shows where)` : stack;
  return [`this is a fault in salonctl: ${shown.split('\n').map(printable).join('\n')}`, fault];
}

/** What `bin/salonctl` calls. */
export async function main(): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2));
  } catch (error) {
    const [text, status] = explained(error);
    process.exitCode = status;
    await print(process.stderr, `salonctl: ${text}`).catch(() => undefined);
  }
}
