// A command of the daemon's, page after page where its answer is a list.
import { limits } from '../wire/generated/limits.js';
import type { ControlConnection, ControlLine } from './control-connection.js';
import { Refused } from './errors.js';
import type { RequestInvocation } from './invocation.js';
import { readPassword } from './password.js';
import { listOf, type Results } from './show.js';
import { cut } from './table.js';
import { quoted, takesPassword, typedForm } from './words.js';

/** What each list goes on after. */
const keys: Readonly<Record<string, string>> = {
  sessions: 'session',
  accounts: 'username',
  rooms: 'room',
  bans: 'target',
};

/** The most that is asked for at a time. */
const pageItems = limits.fields.limit.max;

/** Columns of each value that an error shows again. */
const mostShown = 60;

/** The protocol's code for a command that the daemon does not know. */
const unknownCommand = 6;

/** What was asked and how the daemon refused it: `users disable bob: there is no user of that name`. */
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

/** What a list goes on after: its last item's key. Undefined where it has no item. */
function lastKey(name: string, rows: readonly Results[]): unknown {
  const last = rows.at(-1);
  return last && (last[keys[name] ?? ''] ?? Object.values(last)[0]);
}

/**
 * Fulfils with the results: of a list all, or as many as were asked for, however few the daemon puts on a line.
 * Rejects with Refused and Unreachable, and with UsageError where there is no password.
 */
export async function ask(connection: ControlConnection, asked: RequestInvocation): Promise<Results> {
  const { spec, request } = asked;
  const password = takesPassword(spec) ? { password: await readPassword() } : {};
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

/** Says how a list goes on that `--limit` ended; undefined where there is no more. */
export function goesOn(results: Results): string | undefined {
  const [name, rows] = listOf(results) ?? [];
  if (results['more'] !== true || name === undefined || rows === undefined) return undefined;
  return `there are more. --after ${quoted(String(lastKey(name, rows)))} shows the next ones.`;
}
