// Sends a request to the daemon and returns the results. Requests a list page by page.
import { limits } from '../wire/generated/limits.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { Refused } from './errors.js';
import type { RequestInvocation } from './invocation.js';
import { readPassword } from './password.js';
import { listOf, type Results } from './show.js';
import type { Input } from './streams.js';
import { cut } from './table.js';
import { passwordField, quoted, typedForm } from './words.js';

/** The key of each list: the next page begins after the last item's key. */
const keys: Readonly<Record<string, string>> = {
  sessions: 'session',
  accounts: 'username',
  rooms: 'room',
  bans: 'target',
  tokens: 'token_id',
};

/** The most items of one page. */
const pageItems = limits.fields.limit.max;

/** The most columns of a value in an error. */
const mostShown = 60;

/** The code for a command that the daemon does not know. */
const unknownCommand = 6;

/** The refusal of a request as an error: `users disable bob: there is no user of that name`. */
function refusal({ words, spec, request }: RequestInvocation, { code, body }: ControlLine): Refused {
  const shown = Object.entries(request).map(([name, value]) => [
    name,
    typeof value === 'string' ? cut(value, mostShown) : value,
  ]);
  const asked = typedForm(words, spec, Object.fromEntries(shown) as Results);
  if (code === unknownCommand)
    return new Refused(`${asked}: the daemon does not know this command. It may be older than salonctl.`);
  const error = typeof body['error'] === 'string' ? body['error'] : `refused with code ${code}`;
  return new Refused(`${asked}: ${error}`);
}

/** The key of the last item. Undefined for an empty list. */
function lastKey(name: string, rows: readonly Results[]): unknown {
  const last = rows.at(-1);
  return last && (last[keys[name] ?? ''] ?? Object.values(last)[0]);
}

/**
 * Sends the request, and reads its password from `stdin` if it takes one. Fulfils with the results: a list has
 * all items of all pages, or as many as `--limit` says. Rejects with Refused, Unreachable, or UsageError if a password
 * is needed and there is none.
 */
export async function ask(connection: ControlConnection, asked: RequestInvocation, stdin: Input): Promise<Results> {
  const { spec, request } = asked;
  const field = passwordField(spec);
  const password = field === undefined ? {} : { password: await readPassword(stdin, field) };
  const isList = spec.parameters.some(({ name }) => name === 'limit');
  const wanted = typeof request['limit'] === 'number' ? request['limit'] : Infinity;
  const all: Results[] = [];
  let after = request['after'];
  for (;;) {
    const page = isList ? { after, limit: Math.min(wanted - all.length, pageItems) } : {};
    const reply = await connection.ask({ ...request, ...password, ...page });
    if (reply.code !== 1) throw refusal(asked, reply);
    const [name, rows] = (isList ? listOf(reply.body) : undefined) ?? [];
    if (name === undefined || rows === undefined) return reply.body;
    all.push(...rows);
    after = lastKey(name, rows);
    const more = reply.body['more'] === true && after !== undefined;
    if (!more || all.length >= wanted) return { ...reply.body, [name]: all, more };
  }
}

/** The hint how to see the rest of a list that `--limit` cut. Undefined if there is no rest. */
export function continuation(results: Results): string | undefined {
  const [name, rows] = listOf(results) ?? [];
  if (results['more'] !== true || name === undefined || rows === undefined) return undefined;
  return `there are more. --after ${quoted(String(lastKey(name, rows)))} shows the next ones.`;
}
