// The operator's program: what is typed becomes a request, and the reply a table or JSON.
import { existsSync } from 'node:fs';
import { printable } from '../ops/log-line.js';
import { ControlConnection, Unreachable, type ControlLine } from './control-connection.js';
import { BadData, FileError, Refused } from './errors.js';
import { local } from './local.js';
import { readPassword } from './password.js';
import { shown } from './show.js';
import { usage } from './usage.js';
import { takesPassword, typed, UsageError, type Typed } from './words.js';

/** sysexits(3); 1 is a no of the daemon's. */
const statuses = [[UsageError, 64], [BadData, 65], [Unreachable, 69], [FileError, 73], [Refused, 1]] as const;

const sockets = ['/run/salond/control.sock', 'salond-data/control'] as const;

interface Options {
  readonly json: boolean;
  readonly socket: string;
  readonly rest: string[];
}

/** Options stand before the command. */
function options(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const rest = [...args];
  let json = false;
  let socket = env['SALONCTL_SOCKET'];
  while (rest[0]?.startsWith('--') === true) {
    const name = rest.shift();
    if (name === '--json') json = true;
    else if (name === '--socket' && rest[0] === undefined) throw new UsageError('--socket needs a path');
    else if (name === '--socket') socket = rest.shift();
    else throw new UsageError(`there is no option ${name ?? ''}`);
  }
  return { json, socket: socket ?? sockets.find((path) => existsSync(path)) ?? sockets[0], rest };
}

/** Asks, page after page where the reply is a list that goes on. Rejects with Refused. */
async function ask(connection: ControlConnection, { spec, request }: Typed): Promise<Readonly<Record<string, unknown>>> {
  const password = takesPassword(spec) ? { password: await readPassword() } : {};
  let { code, body }: ControlLine = await connection.ask({ ...request, ...password });
  if (code !== 1) throw new Refused(String(body['error']));
  const [name, list] = Object.entries(body).find(([, value]) => Array.isArray(value)) ?? [];
  if (name === undefined || !('more' in body) || 'limit' in request) return body;
  const all = [...list as readonly Readonly<Record<string, unknown>>[]];
  while (body['more'] === true) {
    // What a list is ordered by is what each of its rows begins with.
    const after = Object.values(all.at(-1) ?? {})[0];
    ({ code, body } = await connection.ask({ ...request, after }));
    if (code !== 1) throw new Refused(String(body['error']));
    all.push(...body[name] as typeof all);
  }
  return { [name]: all, more: false };
}

async function run(args: readonly string[]): Promise<string> {
  if (args.length === 0 || args.includes('--help')) return usage();
  const { json, socket, rest } = options(args, process.env);
  let connection: ControlConnection | undefined;
  const connect = async (): Promise<ControlConnection> => {
    connection = await ControlConnection.open(socket);
    return connection;
  };
  try {
    const own = local[rest[0] ?? ''];
    const request = own === undefined ? typed(rest) : undefined;
    if (own === undefined && request === undefined) throw new UsageError(`there is no command ${rest.join(' ')}: salonctl --help names all`);
    const results = own === undefined ? await ask(await connect(), request as Typed) : await own.run(rest.slice(1), connect);
    if (json) return JSON.stringify({ ...results, command: undefined, more: undefined });
    return shown(results as Readonly<Record<string, unknown>>).join('\n');
  } finally {
    connection?.close();
  }
}

/** What `bin/salonctl` calls. */
export async function main(): Promise<void> {
  try {
    process.stdout.write(`${await run(process.argv.slice(2))}\n`);
  } catch (error) {
    const [, status] = statuses.find(([kind]) => error instanceof kind) ?? [];
    if (status === undefined) throw error;
    process.stderr.write(`salonctl: ${printable((error as Error).message)}\n`);
    process.exitCode = status;
  }
}
