// The operator's program. Turns the command line into a request, and the reply into sentences, a table or JSON.
import { existsSync } from 'node:fs';
import { printable } from '../text/printable.js';
import { answer } from './answers.js';
import { ask, continuation } from './ask.js';
import { ControlConnection } from './control-connection.js';
import { BadData, FileError, Refused, Unreachable, UsageError } from './errors.js';
import type { GlobalOptions, LocalInvocation, RequestInvocation } from './invocation.js';
import { standardStream } from './local.js';
import { columnsOf, isSystemError, jsonLine, print, systemReason } from './output.js';
import type { Results } from './show.js';
import type { Streams } from './streams.js';
import { readArguments } from './usage.js';

/** The exit status of each error, as in sysexits(3); 1 is a refusal by the daemon. */
const statuses = [
  [UsageError, 64],
  [BadData, 65],
  [Unreachable, 69],
  [FileError, 73],
  [Refused, 1],
] as const;

/** The exit status of a fault in salonctl: EX_SOFTWARE. */
const fault = 70;

/** The paths at which the control socket is looked for if none is given. */
const sockets = ['/run/salond/control.sock', 'salond-data/control'] as const;

/** Seconds without a line from the daemon after which most commands give up. */
const patience = 10;

/** Seconds for requests answered when nothing is left on the disk of what it deletes. It may wait for a backup. */
const erasurePatience = 600;
const erasures = new Set(['delete_account', 'delete_message', 'delete_room', 'erase_account']);

function patienceOf(invocation: RequestInvocation | LocalInvocation): number {
  if (invocation.kind === 'local') return invocation.command.patience ?? patience;
  return erasures.has(invocation.spec.name) ? erasurePatience : patience;
}

function socketOf({ socket = process.env['SALONCTL_SOCKET'] }: GlobalOptions): string {
  if (socket === '')
    throw new UsageError('the path of the control socket is empty: look at --socket and SALONCTL_SOCKET');
  return socket ?? sockets.find((path) => existsSync(path)) ?? sockets[0];
}

/**
 * Executes a command, and opens a connection if the command needs one. Fulfils with the results; undefined if there is
 * nothing to show.
 */
async function carryOut(
  invocation: RequestInvocation | LocalInvocation,
  { stdin, stdout, stderr }: Streams,
): Promise<object | undefined> {
  const { options } = invocation;
  const limit = options.timeout ?? patienceOf(invocation);
  let connection: ControlConnection | undefined;
  const connect = async (): Promise<ControlConnection> => {
    connection = await ControlConnection.open(socketOf(options), limit);
    return connection;
  };
  try {
    if (invocation.kind === 'request') return await ask(await connect(), invocation, stdin);
    const tell = async (sentence: string): Promise<void> => {
      await print(stderr, `salonctl: ${printable(sentence)}`);
    };
    const context = { connect, json: options.json, stdout, tell };
    return await invocation.command.run(invocation.values, invocation.given, context);
  } finally {
    connection?.close();
  }
}

/** Runs the command line and fulfils with the exit status. */
async function run(args: readonly string[], streams: Streams): Promise<number> {
  const { stdout, stderr } = streams;
  const invocation = readArguments(args, Math.min(columnsOf(stdout) ?? 80, 100));
  if (invocation.kind === 'text') {
    await print(invocation.status === 0 ? stdout : stderr, invocation.text);
    return invocation.status;
  }
  const results = await carryOut(invocation, streams);
  if (results === undefined) return 0;
  const isFile =
    invocation.kind === 'local' && invocation.command.makesFile === true && invocation.values[0] === standardStream;
  const out = isFile ? stderr : stdout;
  if (invocation.options.json) {
    await print(out, jsonLine({ ...results, command: undefined }));
    return 0;
  }
  const name = invocation.kind === 'request' ? invocation.spec.name : invocation.words;
  await print(out, answer(name, results as Results, columnsOf(out) ?? Infinity).join('\n'));
  const more = continuation(results as Results);
  if (more !== undefined) await print(stderr, `salonctl: ${printable(more)}`);
  return 0;
}

/** The text of an error, one or more lines, and its exit status. */
function explained(error: unknown): readonly [text: string, status: number] {
  const { message, stack = message } = error as Error;
  const [, status] = statuses.find(([kind]) => error instanceof kind) ?? [];
  // Only salonctl's own messages have several lines.
  if (error instanceof UsageError) return [message.split('\n').map(printable).join('\n'), 64];
  if (status !== undefined) return [printable(message), status];
  // A system error. If it comes from `write` and no other code has explained it, it is about standard output.
  if (isSystemError(error))
    return [error.syscall === 'write' ? `the output can't be written: ${systemReason(error)}` : printable(message), 73];
  const shown = process.env['SALONCTL_DEBUG'] === undefined ? `${message} (SALONCTL_DEBUG=1 shows where)` : stack;
  return [`this is a fault in salonctl: ${shown.split('\n').map(printable).join('\n')}`, fault];
}

/** Runs the command line, prints errors, and fulfils with the exit status. Never rejects. */
export async function execute(args: readonly string[], streams: Streams): Promise<number> {
  try {
    return await run(args, streams);
  } catch (error) {
    const [text, status] = explained(error);
    await print(streams.stderr, `salonctl: ${text}`).catch(() => undefined);
    return status;
  }
}

/** Runs the program: called by `bin/salonctl`. Sets the exit status, and never rejects. */
export async function main(): Promise<void> {
  process.exitCode = await execute(process.argv.slice(2), process);
}
