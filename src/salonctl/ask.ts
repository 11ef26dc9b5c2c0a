// A command of the daemon's, page after page where its answer is a list.
import type { ControlConnection, ControlLine } from './control-connection.js';
import { Refused } from './errors.js';
import type { RequestInvocation } from './invocation.js';
import { readPassword } from './password.js';
import { listOf, type Results } from './show.js';
import { cut } from './table.js';
import { placed, takesPassword } from './words.js';

/** What each list goes on after. */
const keys: Readonly<Record<string, string>> = {
  sessions: 'session',
  accounts: 'username',
  rooms: 'room',
  bans: 'target',
};

/** Columns of each value that an error shows again. */
const mostShown = 60;

/** What was asked and how the daemon refused it: `users disable bob: there is no user of that name`. */
function refusal({ words, spec, request }: RequestInvocation, { code, body }: ControlLine): Refused {
  const typed = placed(spec).map(({ name }) => cut(String(request[name]), mostShown));
  const error = typeof body['error'] === 'string' ? body['error'] : `refused with code ${code}`;
  return new Refused(`${[words, ...typed].join(' ')}: ${error}`);
}

/** Fulfils with the results. Rejects with Refused and Unreachable, and with UsageError where there is no password. */
export async function ask(connection: ControlConnection, asked: RequestInvocation): Promise<Results> {
  const { spec, request } = asked;
  const password = takesPassword(spec) ? { password: await readPassword() } : {};
  let reply = await connection.ask({ ...request, ...password });
  if (reply.code !== 1) throw refusal(asked, reply);
  const [name = '', first] = listOf(reply.body) ?? [];
  if (first === undefined || 'limit' in request) return reply.body;
  const all = [...first];
  for (let page = first; reply.body['more'] === true && page.length > 0; all.push(...page)) {
    const last = all.at(-1) ?? {};
    reply = await connection.ask({ ...request, after: last[keys[name] ?? ''] ?? Object.values(last)[0] });
    if (reply.code !== 1) throw refusal(asked, reply);
    [, page] = listOf(reply.body) ?? [name, []];
  }
  return { ...reply.body, [name]: all, more: false };
}
