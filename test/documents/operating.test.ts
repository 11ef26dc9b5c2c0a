// Compares docs/operating.md with the program: the log's events, the commands, the settings, and HAProxy in front.
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { dirname, join } from 'node:path';
import { connect } from 'node:tls';
import t, { type Test } from 'tap';
import ts from 'typescript';
import { readCommandLine } from '../../src/ops/settings/command-line.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { localCommands } from '../../src/salonctl/local.js';
import { readArguments } from '../../src/salonctl/usage.js';
import { typedCommands as named } from '../../src/salonctl/words.js';
import { certificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { noHaproxy, startHaproxy } from '../support/haproxy.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';
import { codeBlocks } from './code-blocks.js';

const path = 'docs/operating.md';
const guide = readFileSync(join(root, path), 'utf8');
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'));

/** The string literals that an expression can be: itself, or the ends of its conditions. */
function literals(node: ts.Expression | undefined): string[] {
  if (node === undefined) return [];
  if (ts.isStringLiteral(node)) return [node.text];
  return ts.isConditionalExpression(node) ? [...literals(node.whenTrue), ...literals(node.whenFalse)] : [];
}

/**
 * The levels and the event of a call of the log or of the audit trail (src/ops/audit.ts), whose third argument may make
 * it `debug`.
 */
function entry(
  called: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  given: readonly ts.Expression[],
): readonly [string[], string[]] {
  const [, name] = /(?:^|[.#])(log|audit)$/.exec(called.expression.getText()) ?? [];
  const method = ts.isPropertyAccessExpression(called) ? [called.name.text] : literals(called.argumentExpression);
  if (name === 'log') return [method, literals(given.at(-1))];
  return name === 'audit' && method[0] === 'write'
    ? [given.length > 2 ? ['info', 'debug'] : ['info'], literals(given[1])]
    : [[], []];
}

/**
 * `event level` of every entry that a source can write: `this.#log.warn({ … }, 'event')`, `audit.write({ … },
 * 'event')`.
 */
function logged(text: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isCallExpression(node) &&
      (ts.isPropertyAccessExpression(node.expression) || ts.isElementAccessExpression(node.expression))
    ) {
      const [levels, events] = entry(node.expression, node.arguments);
      found.push(...events.flatMap((event) => levels.map((level) => `${event} ${level}`)));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('', text, ts.ScriptTarget.Latest, true));
  return found;
}

t.test('every event of the log is in the table, at its level, and no other is', async (t) => {
  const section = guide.slice(guide.indexOf('\n## The log\n'), guide.indexOf('\n## Metrics\n'));
  const rows = [...section.matchAll(/^\| `(\w+)` \| ([a-z, ]+) \| [^|]+ \| [^|]+ \|$/gm)];
  t.same(
    rows.flatMap(([, event = '', levels = '']) => levels.split(', ').map((level) => `${event} ${level}`)).sort(),
    [...new Set(sources.flatMap(logged))].sort(),
  );
  t.ok(rows.length > 20);
});

t.test('every name in it stands in the source, every link leads somewhere', async (t) => {
  const all = sources.join('\n');
  for (const [, name = ''] of guide.matchAll(/`([a-z]+(?:_[a-z]+)+)\b[^`]*`/g)) {
    // The metrics are held to what is scraped (test/metrics).
    if (!/^(?:salond|nodejs)_/.test(name)) t.ok(new RegExp(`\\b${name}\\b`).test(all), name);
  }
  const anchors = new Set(
    [...guide.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  for (const [, link = ''] of guide.matchAll(/\]\(([^)]+)\)/g)) {
    t.ok(link.startsWith('#') ? anchors.has(link.slice(1)) : existsSync(join(root, dirname(path), link)), link);
  }
  for (const [file] of guide.matchAll(/\bdeploy\/[\w./-]+\w/g)) t.ok(existsSync(join(root, file)), file);
});

/** A command as a shell divides it, as far as the guide goes: no variables, nothing escaped. */
function words(command: string): string[] {
  return Array.from(command.matchAll(/'([^']*)'|(?:\$\([^)]*\)|\S)+/g), ([word, quoted]) => quoted ?? word);
}

t.test('every command can be given', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  for (const command of codeBlocks(path, 'sh').flatMap((text) => text.trimEnd().split('\n'))) {
    const [program = '', ...args] = words(command.replace(/^runuser -u salond -- /, '').replace(/ \|.*/, ''));
    if (program === 'npm' && args[0] === 'run') t.ok(scripts[args[1] ?? ''], command);
    if (program === 'salond') {
      const findings = { values: new Map(), problems: [] };
      readCommandLine(args, findings);
      t.same(findings.problems, [], command);
    }
    if (program === 'salonctl') {
      t.not(readArguments(args).kind, 'text', command);
    }
  }
});

t.test('a command that is only named is there', async (t) => {
  const known = [...named.map(([its]) => its), ...Object.keys(localCommands)];
  for (const [, command = ''] of guide.matchAll(/`salonctl ([^`]+)`/g))
    t.ok(
      known.some((its) => `${command} `.startsWith(`${its} `)),
      command,
    );
});

function settingsFile(t: Test, text: string): string {
  const file = join(temporaryFolder(t), 'salond.toml');
  writeFileSync(file, text);
  return file;
}

t.test('the settings hold together', async (t) => {
  t.equal(codeBlocks(path, 'toml').length, 7);
  for (const text of codeBlocks(path, 'toml'))
    t.match(invocation(['--check-config', '--config', settingsFile(t, text)], {}, '1.2.3'), { kind: 'check' }, text);
});

/** HAProxy as the guide has it, but for its ports and its certificate, in front of that port. */
function startAsTold(t: Test, pem: string, behind: number): Promise<number> {
  const [text = ''] = codeBlocks(path, 'haproxy');
  return startHaproxy(t, (port) =>
    text
      .replace(':7257', `127.0.0.1:${port}`)
      .replace('127.0.0.1:7258', `127.0.0.1:${behind}`)
      .replace('/etc/haproxy/salon.pem', pem),
  );
}

t.test('behind HAProxy a client speaks TLS, and is known by its own address', { skip: noHaproxy }, async (t) => {
  const made = certificate(t);
  const pem = join(temporaryFolder(t), 'salon.pem');
  writeFileSync(pem, readFileSync(made.SALOND_TLS_CERTIFICATE, 'utf8') + readFileSync(made.SALOND_TLS_KEY, 'utf8'));
  const behind = await freePort();
  const config = settingsFile(
    t,
    (codeBlocks(path, 'toml')[2] ?? '').replaceAll('7258', String(behind)).replace('7256', '0'),
  );
  const daemon = startDaemon(t, {
    args: ['--listen', `127.0.0.1:${behind}`, '--config', config],
    env: { SALOND_EXEMPT_ADDRESSES: '' },
  });
  await daemon.port();
  const port = await startAsTold(t, pem, behind);
  const raw = connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.9' });
  const socket = connect({ socket: raw, servername: 'localhost', ca: readFileSync(made.SALOND_TLS_CERTIFICATE) });
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  socket.end('create_user alice A B rabbit-hole\nauthenticate_user alice rabbit-hole\nquit\n');
  await once(socket, 'close');
  t.same(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t')[0]),
    ['1', '1', '1'],
    text,
  );
  t.match(await daemon.logged('authenticated'), { address: '127.0.0.9' });
});
