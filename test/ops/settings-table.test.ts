// Tests the table of settings and what is generated from it: defaults, --help and the example file.

import { readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import t from 'tap';
import { listenAddress, network } from '../../src/ops/settings/addresses.js';
import { choice, integer, list, text } from '../../src/ops/settings/kinds.js';
import { exampleFile, invocation } from '../../src/ops/settings/settings.js';
import { settingKeys, setting, variable } from '../../src/ops/settings/table.js';

t.test('every default passes its own check, as a value and as text', async (t) => {
  for (const key of settingKeys) {
    const { kind, default: value } = setting(key);
    const checked = kind.check(value);
    t.ok(checked.ok, key);
    t.same(kind.check(kind.fromText(String(value))), checked, `${key} from text`);
  }
});

t.test('every explanation is one line of printable text', async (t) => {
  for (const key of settingKeys) t.match(setting(key).explanation, /^[ -~]{10,120}$/, key);
});

t.test('docs/salond.example.toml is generated from the table', async (t) => {
  // If this fails after a change of the table, run: npm run generate.
  t.equal(readFileSync('docs/salond.example.toml', 'utf8'), exampleFile());
});

t.test('the example file, with its settings uncommented, sets every key to its default', async (t) => {
  const defaults = Object.fromEntries(settingKeys.map((key) => [key, setting(key).default]));
  t.same(parse(exampleFile().replace(/^#(?! )/gm, '')), defaults);
  t.same(parse(exampleFile()), {}, 'it sets no key as long as they are commented out');
});

t.test('--help names every flag, key and range', async (t) => {
  const help = invocation(['--help'], {}, '1.2.3');
  if (help.kind !== 'print') return t.fail(help.kind);
  for (const flag of [
    '--listen HOST:PORT',
    '--data DIR',
    '--config FILE',
    '--log-level LEVEL',
    '--check-config',
    '--version',
    '--help',
  ]) {
    t.ok(help.text.includes(flag), flag);
  }
  for (const key of settingKeys) {
    t.ok(help.text.includes(`\n  ${key} = `), key);
    t.ok(help.text.includes(setting(key).kind.takes), `${key}'s range`);
  }
});

t.test("a variable's name is the key in capitals with a prefix", async (t) => {
  t.equal(variable('max_line_bytes'), 'SALOND_MAX_LINE_BYTES');
});

t.test('an integer is accepted only within its range, as a number and as text', async (t) => {
  const kind = integer(10, 20);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 }), (value) => {
      const inside = value >= 10 && value <= 20;
      return kind.check(value).ok === inside && kind.check(kind.fromText(String(value))).ok === inside;
    }),
  );
  for (const value of [10.5, Number.NaN, 11n, '11', true, [11], {}]) t.notOk(kind.check(value).ok, inspect(value));
  for (const value of ['', ' 11', '1e1', '0x0b', '11.0', '٣٣']) t.notOk(kind.check(kind.fromText(value)).ok, value);
});

t.test('a string is measured in characters after NFC', async (t) => {
  const kind = text(1, 3);
  t.ok(kind.check('é👍🏽').ok);
  t.ok(kind.check('e\u0301ab').ok, 'a decomposed letter counts as one');
  for (const value of ['', 'abcd', 'a\n', 'a\u0085', 'a\u007f', 5])
    t.notOk(kind.check(value).ok, JSON.stringify(value));
});

t.test('a wrong value of any type is shown in a short form', async (t) => {
  const problemOf = (value: unknown): string => {
    const checked = choice('a', 'b').check(value);
    return checked.ok ? '' : checked.problem;
  };
  t.equal(problemOf('c'), 'must be one of "a", "b", not "c"');
  t.equal(problemOf(['a']), 'must be one of "a", "b", not a list');
  t.equal(problemOf({}), 'must be one of "a", "b", not a table');
  t.equal(problemOf(new Date()), 'must be one of "a", "b", not a date');
  t.equal(problemOf(5n), 'must be one of "a", "b", not 5');
  t.ok(problemOf('x'.repeat(10_000)).length < 120);
});

t.test('addresses to listen on are parsed into host and port', async (t) => {
  const good: Record<string, { host: string; port: number }> = {
    '127.0.0.1:7256': { host: '127.0.0.1', port: 7256 },
    '0.0.0.0:0': { host: '0.0.0.0', port: 0 },
    '[::1]:65535': { host: '::1', port: 65535 },
    '[fe80::1%eth0]:1': { host: 'fe80::1%eth0', port: 1 },
    'localhost:7256': { host: 'localhost', port: 7256 },
    'chat-1.example.org:7256': { host: 'chat-1.example.org', port: 7256 },
  };
  for (const [text, address] of Object.entries(good)) t.same(listenAddress.read(text), address, text);
  for (const text of [
    '',
    ':7256',
    '*:7256',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    '127.0.0.1:x',
    '::1:7256',
    '[::1]',
    '[127.0.0.1]:1',
    '[localhost]:1',
    '256.0.0.1:1',
    '1.2.3:1',
    'a..b:1',
    '-a:1',
    'a b:1',
    ' a:1',
    '[]:1',
    `${'a.'.repeat(127)}toolong:1`,
    `${'a'.repeat(64)}:1`,
  ])
    t.equal(listenAddress.read(text), undefined, JSON.stringify(text));
});

t.test('exempt addresses are parsed into the form that net.BlockList takes', async (t) => {
  t.same(network.read('10.0.0.0/8'), { address: '10.0.0.0', prefix: 8, family: 'ipv4' });
  t.same(network.read('192.0.2.7'), { address: '192.0.2.7', prefix: 32, family: 'ipv4' });
  t.same(network.read('2001:db8::/32'), { address: '2001:db8::', prefix: 32, family: 'ipv6' });
  t.same(network.read('::1'), { address: '::1', prefix: 128, family: 'ipv6' });
  for (const text of [
    '',
    'localhost',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0/8',
    '10.0.0.0/-1',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    '[::1]',
  ]) {
    t.equal(network.read(text), undefined, JSON.stringify(text));
  }
  const prefixes = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
    fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })),
  );
  fc.assert(
    fc.property(prefixes, ([address, prefix]) => {
      const read = network.read(`${address}/${prefix}`);
      if (read === undefined) return false;
      const exempt = new BlockList();
      exempt.addSubnet(read.address, read.prefix, read.family);
      return exempt.check(address, read.family);
    }),
  );
});

t.test('a list limits the number of its entries and names the wrong one', async (t) => {
  const kind = list(network, 1, 2);
  t.match(kind.check([]), { ok: false, problem: 'must have 1 to 2 entries, not 0' });
  t.match(kind.check(['::1', '::2', '::3']), { ok: false, problem: 'must have 1 to 2 entries, not 3' });
  t.match(kind.check(['::1', '::x']), { ok: false, problem: /^must hold IP addresses .*, not "::x"$/, entry: 1 });
  t.match(kind.check([7]), { ok: false, entry: 0 });
  t.match(kind.check('::1'), { ok: false, problem: /^must be a list of 1 to 2 IP addresses .*, not "::1"$/ });
  t.same(kind.fromText('::1, ::2'), ['::1', '::2']);
  t.same(kind.fromText(' '), []);
});
