// Holds PROTOCOL.md to what is true: to protocol/ (nothing left out, nothing made up), to src (whatever is documented can
// happen), and to the daemon (the examples are what it answers, and the clients work as they are printed).
import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import { staleFiles } from '../../tools/generate.js';
import { readProtocol } from '../../tools/protocol-files.js';
import { Client, parseLine, type Line } from '../support/client.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessInstalled } from '../support/skip.js';

const { commands, codes, events, limits } = readProtocol(join(root, 'protocol'));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const protocol = read('PROTOCOL.md');
const documents = ['PROTOCOL.md', 'README.md'].filter((path) => existsSync(join(root, path)));

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocks(document: string): Block[] {
  return [...document.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language = '', text = '']) => ({
    language,
    text,
  }));
}

/** The text of the only block in that language. */
function program(language: string): string {
  const [only, ...others] = blocks(protocol).filter((block) => block.language === language);
  if (only === undefined || others.length > 0) throw new Error(`PROTOCOL.md has not just one block in ${language}`);
  return only.text;
}

/** A document's examples, which stand in blocks of no language, as their lines. */
function examples(path: string): string[][] {
  return blocks(read(path))
    .filter(({ language }) => language === '')
    .map(({ text }) => text.trimEnd().split('\n'));
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
  for (const { name } of commands) t.match(protocol, `\n### ${name}\n`, name);
  for (const { code, name } of [...codes, ...events]) {
    t.match(protocol, `\n| ${code} | \`${name}\` |`, name);
    t.ok(
      lines.some((line) => line.startsWith(`${code}\t`)),
      `an example of ${code}`,
    );
  }
  for (const { french } of codes) t.match(protocol, ` | ${french} |\n`);
  for (const { rule } of Object.values(limits.fields)) t.match(protocol, ` | ${rule} |\n`);
});

t.test("the French words of codes 1 to 4 are the founding specification's", async (t) => {
  const [ok, failed, missing, refused] = codes.map(({ french }) => french);
  t.same([ok, failed, missing], ['Succès', 'Échec pour une raison indéterminée', 'Il manque un champ dans la requète']);
  t.equal(refused, "L'utilisateur existe déjà ; Échec de l'authentification");
});

/** json_string of PROTOCOL.md, which ends at the first line that is a closing brace alone. */
const [jsonString = ''] = /^static void json_string[^]*?^\}$/m.exec(program('c')) ?? [];

t.test('json_string of the client in C writes any text as JSON', { skip: noPrograms('cc') }, async (t) => {
  const folder = temporaryFolder(t);
  const main = 'int main(int argc, char **argv) { if (argc == 2) json_string(stdout, argv[1]); return 0; }';
  writeFileSync(join(folder, 'json.c'), `#include <stdio.h>\n${jsonString}\n${main}\n`);
  t.equal(
    spawnSync('cc', ['-std=c99', '-Wall', '-Wextra', '-Werror', '-o', 'json', 'json.c'], { cwd: folder }).status,
    0,
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (/[\0\p{Surrogate}]/u.test(text)) return;
      const { stdout } = spawnSync(join(folder, 'json'), [text], { encoding: 'utf8' });
      t.equal(JSON.parse(stdout), text);
    }),
    { numRuns: 200 },
  );
});

t.test('no document names a code, an event or a command that does not exist', async (t) => {
  const settings = read('docs/salond.example.toml');
  const known = new Set([
    ...names(JSON.stringify({ commands, codes, events, limits })),
    ...names(settings),
    ...names(program('c')),
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
  for (const { name } of events)
    t.ok(text.includes(`encodeEvent('${name}'`) || encoder.includes(`event.${name}}`), name);
});

t.test('every clause that a comment or a clause cites is there', async (t) => {
  const clauses = new Set([...protocol.matchAll(/^##+ (\d(?:\.\d)?)[ .]/gm)].map(([, clause]) => clause));
  t.ok(
    ['1', '1.6', '2.5', '3.5', '4.4', '5.5', '6', '7'].every((clause) => clauses.has(clause)),
    "the numbers are the contract's",
  );
  for (const path of [...sources('src'), ...sources('tools'), ...sources('test')]) {
    for (const [, list = ''] of read(path).matchAll(/PROTOCOL\.md ((?:(?:, | and )?§\d(?:\.\d+)?)+)/g)) {
      for (const clause of list.match(/\d(?:\.\d+)?/g) ?? []) t.ok(clauses.has(clause), `${path}: §${clause}`);
    }
  }
  for (const [, clause] of protocol.matchAll(/\((\d\.\d)\)/g)) t.ok(clauses.has(clause), `PROTOCOL.md: ${clause}`);
});

/** What is wrong with an example of a line of the server's, if anything. */
function problemOf({ code, body }: Line): string | undefined {
  const event = events.find((each) => each.code === code);
  const command = commands.find(({ name }) => name === body['command']);
  const always = ['command', 'ref', 'error', 'field', 'retry_after'];
  const allowed = event?.members ?? (code === 1 ? ['command', 'ref', ...Object.keys(command?.results ?? {})] : always);
  if (event === undefined && !codes.some((each) => each.code === code)) return `there is no code ${code}`;
  if (body['command'] !== undefined && command === undefined)
    return `there is no command ${JSON.stringify(body['command'])}`;
  if (code === 1 && command === undefined) return 'a success names its command';
  const possible = [1, 2, 3, 5, 7, 8, 9, 14, 15, 16, ...(command?.codes ?? codes.map((each) => each.code))];
  if (event === undefined && !possible.includes(code)) return `${String(body['command'])} never answers ${code}`;
  const unknown = Object.keys(body).find((member) => !allowed.includes(member));
  return unknown === undefined ? undefined : `there is no member ${unknown}`;
}

t.test('the sentences of the examples are those that the daemon writes', async (t) => {
  const text = sources('src').map(read).join('\n').replaceAll("\\'", "'");
  for (const [, sentence = ''] of protocol.matchAll(/"error":"([^"]+)"/g)) {
    // Names and numbers stand in the source as `${…}`.
    const words = sentence
      .replace(/^(?:command|first_name) is|^after and before|\b16384\b/, '…')
      .split('…')
      .map((part) => part.trim());
    for (const part of words) t.ok(text.includes(part), sentence);
  }
});

t.test('every line of every example can be sent, by the server or by a client', async (t) => {
  for (const path of documents) {
    for (const line of examples(path).flat()) {
      const isRequestLine = line.startsWith('{"command"') || commands.some(({ name }) => name === line.split(' ')[0]);
      if (/^\d+\t/.test(line)) t.equal(problemOf(parseLine(line)), undefined, line);
      else if (isRequestLine) t.ok(isRequest(parseRequest(line)), line);
      else t.not(path, 'PROTOCOL.md', line);
    }
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
  t.ok(pairs.length >= commands.length - 2, `${pairs.length} pairs`);
  for (const [first, second] of pairs) {
    const [one, other] = [parseRequest(first), parseRequest(second)];
    if (!isRequest(one) || !isRequest(other)) t.fail(first);
    else t.same({ command: one.command, ...one.parameters }, { command: other.command, ...other.parameters }, first);
  }
});

t.test('the values of the settings are their defaults', async (t) => {
  const assignments = read('docs/salond.example.toml').matchAll(/^#(\w+) = (.*)$/gm);
  const defaults = new Map([...assignments].map(([, name, value]) => [name, value]));
  const rows = [...protocol.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)];
  t.equal(rows.length, 12);
  for (const [, name = '', value = ''] of rows) t.equal(value, defaults.get(name), name);
});

t.test("the daemon answers each command's example with the reply that stands beside it", async (t) => {
  const port = await startDaemon(t).port();
  const [guest, alice] = [await Client.connect(port), await Client.connect(port)];
  const inOrder = [
    'create_user',
    'get_server',
    'authenticate_user',
    'join_chatroom',
    'chatroom_message',
    'list_chatrooms',
    'list_users',
    'chatroom_history',
    'ping',
    'help',
    'leave_chatroom',
    'log_out',
    'quit',
  ];
  t.same(commands.map(({ name }) => name).sort(), [...inOrder].sort());
  const { version } = JSON.parse(read('package.json')) as { readonly version: string };
  for (const name of inOrder) {
    const spec = commands.find((each) => each.name === name);
    if (spec === undefined) continue;
    const { code, body } = await (name === 'get_server' ? guest : alice).request(spec.example.request);
    const wanted = { command: name, ...spec.example.reply };
    t.same([code, body], [1, 'version' in wanted ? { ...wanted, version } : wanted], name);
  }
  guest.destroy();
  await alice.closed;
});

/** A client from PROTOCOL.md, run as a person runs it. */
class Run {
  stdout = '';
  stderr = '';
  readonly ended: Promise<number>;

  constructor(readonly process: ChildProcessWithoutNullStreams) {
    process.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.ended = once(process, 'close').then(([code]) => code as number);
  }

  /** Fulfils when the client has shown that text; rejects when it ends without. */
  async shows(text: string): Promise<void> {
    const end = this.ended.then(() => {
      throw new Error(`it ended without ${text}: ${this.stdout}${this.stderr}`);
    });
    end.catch(() => undefined);
    while (!this.stdout.includes(text)) await Promise.race([once(this.process.stdout, 'data'), end]);
  }
}

function start(t: Test, command: string, args: readonly string[]): Run {
  const child = spawn(command, args, { env: { PATH: process.env['PATH'] ?? '', SALON_PASSWORD: 'alice password' } });
  t.teardown(() => child.kill('SIGKILL'));
  return new Run(child);
}

/** Bob speaks before and after Alice's client comes; it shows both, and what is typed there reaches him. */
async function converse(t: Test, command: string, args: readonly string[]): Promise<void> {
  const port = await startDaemon(t).port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  (await (await Client.connect(port)).enter('alice')).end();
  // Many long lines: TCP is sure to cut them, and the longest fill most of a buffer.
  const long = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? '\u007f' : '"\\é').repeat(1000));
  for (const message of [...long, 'the last before you came']) {
    await bob.ok({ command: 'chatroom_message', username: 'bob', room: 'lobby', message });
  }

  const alice = start(t, command, [...args, '127.0.0.1', String(port), 'alice', 'lobby', '1']);
  await alice.shows('the last before you came');
  const {
    body: { id },
  } = await bob.say('bob', 'lobby', 'good "evening", "id":7');
  await alice.shows('good \\"evening\\"');
  const shown = alice.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line['body']);
  t.same(
    shown.map(({ message }) => message),
    [...long.slice(1), 'the last before you came', 'good "evening", "id":7'],
  );

  alice.process.stdin.write('hello, bob\n');
  for (let event = await bob.event(); event.code !== 102; event = await bob.event()) {
    if (event.code !== 100) continue;
    t.match(event.body, { username: 'alice', message: 'hello, bob' });
    alice.process.stdin.end();
  }
  t.equal(await alice.ended, 0);
  t.equal(alice.stderr, `last id ${Number(id) + 1}\n`);
  bob.destroy();
}

/** The flags with which the program ends with a failure at the first fault of memory or leak, if this compiler has them. */
function sanitizers(folder: string): readonly string[] {
  const flags = ['-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
  writeFileSync(join(folder, 'none.c'), 'int main(void) { return 0; }\n');
  return spawnSync('cc', [...flags, '-o', 'none', 'none.c'], { cwd: folder }).status === 0 ? flags : [];
}

t.test('the client in C compiles without a warning and talks', { skip: noPrograms('cc') }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'salon.c'), program('c'));
  const flags = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', ...sanitizers(folder), '-o', 'salon', 'salon.c'];
  const compiler = spawnSync('cc', flags, { cwd: folder, encoding: 'utf8' });
  t.same([compiler.status, compiler.stderr], [0, '']);
  await converse(t, join(folder, 'salon'), []);
  await failToLogIn(t, join(folder, 'salon'), []);
  t.equal(
    await start(t, join(folder, 'salon'), ['127.0.0.1', '1', 'alice', 'lobby', '0']).ended,
    1,
    'nobody listens there',
  );
});

t.test('the client in shell talks', { skip: noPrograms('bash') }, async (t) => {
  const script = join(temporaryFolder(t), 'salon.sh');
  writeFileSync(script, program('bash'));
  await converse(t, 'bash', [script]);
  await failToLogIn(t, 'bash', [script]);
});

/** With a wrong password the client says what was answered, and what the operator says, sends nothing that is typed, and fails. */
async function failToLogIn(t: Test, command: string, args: readonly string[]): Promise<void> {
  const port = await startDaemon(t, { env: { SALOND_GREETING: 'Welcome.' } }).port();
  const bob = await (await Client.connect(port)).enter('bob', 'lobby');
  await bob.ok({
    command: 'create_user',
    username: 'alice',
    first_name: 'A',
    last_name: 'B',
    password: 'another password',
  });
  const alice = start(t, command, [...args, '127.0.0.1', String(port), 'alice', 'lobby', '0']);
  alice.process.stdin.write('hello, bob\n');
  t.equal(await alice.ended, 1);
  t.match(alice.stderr, /^190\s\{"text":"Welcome."\}\n4\s\{"command":"authenticate_user"/);
  t.same(
    bob.lines.filter(({ code }) => code === 100),
    [],
  );
  bob.destroy();
}

/** OpenBSD's netcat, whose -N the document uses. */
const hasNetcat = /\[-\w*N/.test(String(spawnSync('nc', ['-h']).stderr));

t.test(
  'the lines for netcat work as they are printed',
  { skip: skipUnlessInstalled(hasNetcat, 'nc is not here, or not that of OpenBSD: apt-get install netcat-openbsd') },
  async (t) => {
    const port = await startDaemon(t).port();
    const alice = await Client.connect(port);
    await alice.ok('create_user alice Alice Liddell down the rabbit hole');
    alice.end();
    for (const { text } of blocks(protocol).filter(({ language }) => language === 'sh')) {
      const options = { input: 'quit\n', encoding: 'utf8', timeout: 60_000 } as const;
      const { status, stdout } = spawnSync('sh', ['-c', text.replace('7256', String(port))], options);
      t.equal(status, 0, text);
      const replies = stdout.trimEnd().split('\n').map(parseLine);
      t.ok(replies.length >= 2 && replies.every(({ code }) => code === 1), stdout);
    }
  },
);
