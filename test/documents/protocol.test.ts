// Compares PROTOCOL.md with protocol/ (it names all that exists, and nothing else), with src (what it describes can
// happen), and with the daemon (its examples are what the daemon answers). clients.test.ts runs its clients.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { encodeRefusal } from '../../src/wire/encode.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import { staleFiles } from '../../tools/generate.js';
import type { CommandFile } from '../../tools/protocol-files.js';
import { Client, parseLine } from '../support/client.js';
import { root, startDaemon } from '../support/daemon.js';
import { proofsOf } from '../support/proofs.js';
import { protocol } from '../support/protocol.js';
import { unbuiltEvents } from '../support/unbuilt.js';
import { codeBlocks, onlyBlock } from './code-blocks.js';

const { commands, codes, events, limits } = protocol;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const page = read('PROTOCOL.md');
const documents = ['PROTOCOL.md', 'README.md'].filter((path) => existsSync(join(root, path)));

/** A document's examples, which stand in blocks of no language, as their lines. */
function examples(path: string): string[][] {
  return codeBlocks(path, '').map((text) => text.trimEnd().split('\n'));
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path));
}

/** Names of more than one word, as the protocol writes them. */
function names(text: string): string[] {
  return text.match(/(?<![\w.])[a-z]+(?:_[a-z0-9]+)+\b/g) ?? [];
}

t.test('the generated files, the tables of PROTOCOL.md among them, are what protocol/ says', async (t) => {
  t.same(staleFiles(), []);
});

t.test('every command, code and event is described, and has an example', async (t) => {
  const lines = examples('PROTOCOL.md').flat();
  for (const { name } of commands) t.match(page, `\n### ${name}\n`, name);
  for (const { code, name, edition } of [...codes.map((each) => ({ ...each, edition: 1 })), ...events]) {
    t.match(page, `\n| ${code} | \`${name}\`${edition === 2 ? ' +' : ''} |`, name);
    t.ok(
      lines.some((line) => line.startsWith(`${code}\t`)),
      `an example of ${code}`,
    );
  }
  for (const { french } of codes) t.match(page, ` | ${french} |\n`);
  for (const { rule } of Object.values(limits.fields)) t.match(page, ` | ${rule} |\n`);
});

t.test("the French words of codes 1 to 4 are the founding specification's", async (t) => {
  const [ok, failed, missing, refused] = codes.map(({ french }) => french);
  t.same([ok, failed, missing], ['Succès', 'Échec pour une raison indéterminée', 'Il manque un champ dans la requète']);
  t.equal(refused, "L'utilisateur existe déjà ; Échec de l'authentification");
});

t.test('no document names a code, an event or a command that does not exist', async (t) => {
  const settings = read('docs/salond.example.toml');
  const known = new Set([
    ...names(JSON.stringify({ commands, codes, events, limits })),
    ...names(settings),
    ...names(onlyBlock('PROTOCOL.md', 'c')),
  ]);
  const numbers = new Set([...codes, ...events].map(({ code }) => code));
  // A README may name what else the program has, its log's events say: that must stand in the source.
  const anywhere = new Set(sources('src').flatMap((path) => names(read(path))));
  for (const path of documents) {
    const text = read(path).replace(/^```(?:c|bash|sh)\n[^]*?^```$/gm, '');
    const quoted = [...text.matchAll(/`[^`\n]+`/g)].join(' ');
    for (const name of new Set(names(path === 'PROTOCOL.md' ? text : quoted))) {
      t.ok(known.has(name) || (path !== 'PROTOCOL.md' && anywhere.has(name)), `${path}: ${name}`);
    }
    for (const [said, list = ''] of text.matchAll(
      /\b(?:codes?|events?)\s+(\d+(?:(?:,?\s+(?:and|or|to)\s+|,\s+)\d+)*)/gi,
    )) {
      for (const number of list.match(/\d+/g) ?? []) t.ok(numbers.has(Number(number)), `${path}: ${said}`);
    }
  }
});

t.test('every code and every event can be sent', async (t) => {
  const text = sources('src')
    .filter((path) => !path.startsWith('src/wire/generated/'))
    .map(read)
    .join('\n');
  const encoder = read('src/wire/encode.ts');
  for (const { name } of codes) t.ok(text.includes(`refusal('${name}'`) || encoder.includes(`code.${name}}`), name);
  for (const { name, code } of events) {
    const isSent = [
      `encodeEvent('${name}'`,
      `EventLine('${name}'`,
      `event('${name}'`,
      `event: '${name}'`,
      `directShape('${name}'`,
    ].some((each) => text.includes(each));
    t.equal(isSent, !unbuiltEvents.includes(code), name);
  }
});

t.test('every clause that a comment or a clause cites is there', async (t) => {
  const clauses = new Set([...page.matchAll(/^##+ (\d(?:\.\d)?)[ .]/gm)].map(([, clause]) => clause));
  t.ok(
    ['1', '1.6', '2.5', '3.5', '4.4', '5.5', '6', '7'].every((clause) => clauses.has(clause)),
    "the numbers are the contract's",
  );
  for (const path of [...sources('src'), ...sources('tools'), ...sources('test')]) {
    for (const [, list = ''] of read(path).matchAll(/PROTOCOL\.md ((?:(?:, | and )?§\d(?:\.\d+)?)+)/g)) {
      for (const clause of list.match(/\d(?:\.\d+)?/g) ?? []) t.ok(clauses.has(clause), `${path}: §${clause}`);
    }
  }
  for (const [, clause] of page.matchAll(/\((\d\.\d)\)/g)) t.ok(clauses.has(clause), `PROTOCOL.md: ${clause}`);
});

t.test('the sentences of the examples are those that the daemon writes', async (t) => {
  const text = sources('src').map(read).join('\n').replaceAll("\\'", "'");
  for (const [, sentence = ''] of page.matchAll(/"error":"([^"\\]+)"/g)) {
    // Those that show the usage are below, with the lines that they answer.
    if (sentence.includes('; usage: ')) continue;
    // Names and numbers stand in the source as `${…}`.
    const words = sentence
      .replace(/^(?:command|first_name) is|^after and before|\b16384\b/, '…')
      .split('…')
      .map((part) => part.trim());
    for (const part of words) t.ok(text.includes(part), sentence);
  }
});

t.test('every line of every example can be sent, by the server or by a client', async (t) => {
  const typed = new Set(commands.flatMap(({ name, short = name }) => [name, short]));
  for (const path of documents) {
    for (const line of examples(path).flat()) {
      const isRequestLine = line.startsWith('{"command"') || typed.has(line.split(' ')[0] ?? '');
      if (/^\d+\t/.test(line)) t.doesNotThrow(() => parseLine(line), line);
      else if (isRequestLine) t.ok(isRequest(parseRequest(line, 'alice')), line);
      else t.not(path, 'PROTOCOL.md', line);
    }
  }
});

t.test('a wrong line of the plain form is answered as it is shown', async (t) => {
  const shown = [...page.matchAll(/`([^`\n]+)` gets\n\n```\n([^\n]+)\n```/g)];
  t.ok(shown.length >= 3, `${shown.length} lines`);
  for (const [, line = '', reply = ''] of shown) {
    const parsed = parseRequest(line, 'alice');
    if (isRequest(parsed)) t.fail(line);
    else t.equal(encodeRefusal(parsed), `${reply}\n`, line);
  }
});

t.test('the two forms of one request, as they are shown, are the same request', async (t) => {
  const pairs = examples('PROTOCOL.md').flatMap((lines) =>
    lines.slice(1).flatMap((second, index) => {
      const first = lines[index] ?? '';
      const isPair = first.startsWith('{') !== second.startsWith('{') && !/^\d/.test(first) && !/^\d/.test(second);
      return isPair ? [[first, second] as const] : [];
    }),
  );
  t.ok(pairs.length >= commands.length - 4, `${pairs.length} pairs`);
  for (const [first, second] of pairs) {
    const [one, other] = [parseRequest(first, 'alice'), parseRequest(second, 'alice')];
    if (!isRequest(one) || !isRequest(other)) t.fail(first);
    else t.same({ command: one.command, ...one.parameters }, { command: other.command, ...other.parameters }, first);
  }
});

t.test('the values of the settings are their defaults', async (t) => {
  const assignments = read('docs/salond.example.toml').matchAll(/^#(\w+) = (.*)$/gm);
  const defaults = new Map([...assignments].map(([, name, value]) => [name, value]));
  const rows = [...page.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)];
  t.equal(rows.length, 28);
  for (const [, name = '', value = ''] of rows) t.equal(value, defaults.get(name), name);
});

/**
 * The value with its times, secrets, numbers of sessions and addresses replaced by what they are, since they differ
 * each time.
 */
function shaped(value: unknown, name = ''): unknown {
  if (name === 'session' || name === 'address') return `a ${name}`;
  if (typeof value === 'string' && /^(?:token|nonce|server_proof)/.test(name)) return 'a secret';
  if (typeof value === 'string') return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? 'a time' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => shaped(each));
  return Object.fromEntries(Object.entries(value).map(([member, each]) => [member, shaped(each, member)]));
}

/** The request with the members that an example can't know, because they depend on what the daemon made. */
function withMade(request: object, made: Readonly<Record<string, unknown>>): object {
  return { ...request, ...Object.fromEntries(Object.entries(made).filter(([member]) => member in request)) };
}

async function leave(client: Client): Promise<void> {
  await client.ok('quit');
  await client.closed;
}

/** The number of one more session of alice's, as another one is told. */
async function numberOfOther(port: number, second: Client): Promise<unknown> {
  await (await Client.connect(port)).ok('authenticate_user alice down the rabbit hole');
  const { body } = await second.ok('list_sessions');
  return (body['sessions'] as readonly { readonly session: number }[]).at(-1)?.session;
}

/** Sends a request with the values that the daemon made, and answers the reply. */
type Ask = (
  client: Client,
  spec: CommandFile,
  made: Readonly<Record<string, unknown>>,
) => ReturnType<Client['request']>;

const askInJson: Ask = (client, { example }, made) => client.request(withMade(example.request, made));

/** Sends what help says that one could type by that name of the command. */
function askAsHelpSays(nameOf: (spec: CommandFile) => string): Ask {
  return async (client, spec, made) => {
    const helper = await Client.connect(client.socket.remotePort ?? 0);
    await helper.ok('? ?');
    const { body } = await helper.ok(`help ${nameOf(spec)}`);
    helper.destroy();
    let line = String(body['example']);
    t.match(line.split(' ')[0], nameOf(spec));
    for (const [member, shown] of Object.entries(spec.example.request)) {
      const value = made[member];
      if (typeof value === 'string' || typeof value === 'number') line = line.replace(String(shown), String(value));
    }
    return client.request(line);
  };
}

t.test("the daemon answers each command's example with the reply that stands beside it", (t) =>
  askForExamples(t, askInJson),
);

t.test('the examples that help shows can be typed, by the short names', (t) =>
  askForExamples(
    t,
    askAsHelpSays(({ short = '' }) => short),
  ),
);

t.test('the examples that help shows can be typed, by the full names', (t) =>
  askForExamples(
    t,
    askAsHelpSays(({ name }) => name),
  ),
);

/** Asks a daemon for the example of each command. Compares the replies in JSON; others may say less or more. */
async function askForExamples(t: Test, ask: Ask): Promise<void> {
  const port = await startDaemon(t).port();
  const [guest, alice, second] = [await Client.connect(port), await Client.connect(port), await Client.connect(port)];
  // Those that change what others answer, in the order in which they work; the rest in between.
  const first = ['create_user', 'get_server', 'authenticate_user', 'join_chatroom', 'chatroom_message'];
  const last = [
    'delete_message',
    'delete_direct_message',
    'delete_token',
    'end_session',
    'post_message',
    'unban_user',
    'invite_user',
    'leave_chatroom',
    'set_session',
    'delete_chatroom',
    'log_out',
    'quit',
    'change_password',
    'delete_user',
  ];
  const others = commands.map(({ name }) => name).filter((name) => !first.includes(name) && !last.includes(name));
  const inOrder = [...first, ...others, ...last];
  const made: Record<string, unknown> = {};
  const prover = await Client.connect(port);
  const bob = await Client.connect(port);
  await bob.enter('bob');
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  for (const name of inOrder) {
    const spec = commands.find((each) => each.name === name);
    if (spec === undefined) continue;
    if (name === 'chatroom_message') {
      await second.ok('authenticate_user alice down the rabbit hole');
      await second.ok('join_chatroom alice lobby');
    }
    if (name === 'end_session') made['session'] = await numberOfOther(port, second);
    if (name === 'kick_user') await bob.ok('join_chatroom bob lobby');
    const isNewLogin = spec.user === 'none' && spec.edition === 2;
    const isProof = name === 'challenge_token' || name === 'authenticate_proof';
    const newGuest = async (): Promise<Client> => (isProof ? prover : Client.connect(port));
    const sender = name === 'get_server' ? guest : isNewLogin ? await newGuest() : spec.edition === 2 ? second : alice;
    const { code, body } = await ask(sender, spec, made);
    for (const member of ['token', 'token_id']) if (member in body) made[member] = body[member];
    if (name === 'challenge_token') {
      const { nonce } = spec.example.request as { readonly nonce: string };
      made['proof'] = proofsOf(String(made['token']), nonce, String(body['nonce'])).proof;
    }
    const wanted = { command: name, ...spec.example.reply };
    if (isNewLogin && name !== 'challenge_token') await leave(sender);
    if (ask !== askInJson) t.match([code, body], [1, { command: name }], name);
    else t.same([code, shaped(body)], [1, shaped('version' in wanted ? { ...wanted, version } : wanted)], name);
  }
  guest.destroy();
  await alice.closed;
}
