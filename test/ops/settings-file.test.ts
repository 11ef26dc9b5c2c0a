// Tests the settings file: every complaint names the line of the mistake, however the file is written.

import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import t from 'tap';
import { entryLine, statements } from '../../src/ops/settings/lines.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { settingKeys, setting } from '../../src/ops/settings/table.js';
import type { Key } from '../../src/ops/settings/table.js';

const PATH = `${t.testdir({})}/salond.toml`;

/** The complaints about a file, without its path; none if the file is good. */
function complaints(document: string): readonly string[] {
  writeFileSync(PATH, document);
  const found = invocation(['--config', PATH], {}, '1.2.3');
  return found.kind === 'error' ? found.text.split('\n').map((line) => line.replace(`${PATH}:`, '')) : [];
}

t.test('the complaint about a wrong value has its line, key, range and value', async (t) => {
  t.same(complaints('# limits\n\nmax_line_bytes = "big"\n'), [
    '3: max_line_bytes must be an integer from 1024 to 524288, not "big"',
  ]);
  t.same(complaints('stall_seconds = 1.5'), ['1: stall_seconds must be an integer from 1 to 3600, not 1.5']);
  t.same(complaints('stall_seconds = 99999999999999999999'), [
    '1: stall_seconds must be an integer from 1 to 3600, not 99999999999999999999',
  ]);
  t.same(complaints('stall_seconds = 2026-11-22'), ['1: stall_seconds must be an integer from 1 to 3600, not a date']);
  t.same(complaints('[stall_seconds]\na = 1'), ['1: stall_seconds must be an integer from 1 to 3600, not a table']);
});

t.test('the complaint about an unknown key has its line and suggests a key', async (t) => {
  t.same(complaints('data = "x"\nlistn = ["a:1"]'), ['2: unknown key "listn" (did you mean "listen"?)']);
  t.same(complaints('max-line-bytes = 1'), ['1: unknown key "max-line-bytes" (did you mean "max_line_bytes"?)']);
  t.same(complaints('colour = 1\n__proto__ = 1\nconstructor = 1'), [
    '1: unknown key "colour"',
    '2: unknown key "__proto__"',
    '3: unknown key "constructor"',
  ]);
  t.same(
    complaints('\n[server]\nlog_level = 5\n[[pets]]\n'),
    ['2: unknown key "server"', '4: unknown key "pets"'],
    'a table is named by its header',
  );
  t.same(
    complaints('tls.cert = 1\nlisten.a = 1').map((line) => line.slice(0, 20)),
    ['1: unknown key "tls"', '2: listen must be a '],
  );
});

t.test('the complaint about a duplicate key has both lines', async (t) => {
  t.same(complaints('data = "a"\n\n"data" = """\nb"""\n'), ['3: duplicate key "data" (first on line 1)']);
  t.same(complaints('listen = [\n  "a:1",\n]\ndata = "b"\nlisten = []\n'), [
    '5: duplicate key "listen" (first on line 1)',
  ]);
});

t.test(
  'the complaint about a syntax error has the line where the parser gave up, and the line where the statement begins',
  async (t) => {
    t.same(complaints('data = "a"\nlog_level = info # all\n'), ['2: info is not a value (a string stands in quotes)']);
    t.same(complaints('listen = 127.0.0.1:7256'), ['1: 127.0.0.1:7256 is not a value (a string stands in quotes)']);
    t.same(complaints('data =\n'), ['1: invalid value']);
    t.same(complaints('data = "a"\ndata2\n'), ['2: illegal character in key']);
    t.same(complaints('data = "a\nlog_level = "info"\n'), ['1: control characters are not allowed in strings']);
    t.same(complaints('data = "a"\nlisten = [\n  "a:1"\n  "b:1"\n]\n'), [
      '4: expected comma or end of structure (in what begins on line 2)',
    ]);
    t.same(
      complaints('listen = [\n  "a:1",\n\n'),
      ['2: invalid value (in what begins on line 1)'],
      'the line is not beyond the end of the file',
    );
    t.same(complaints('data = "a"\ndata = = 1'), ['2: trying to redefine an already defined table or value']);
    t.same(complaints('= 1'), ['1: unexpected end of key']);
    for (const before of ['', 'data = "a"', 'stall_seconds = 5']) {
      t.same(complaints(`${before}\n# bell \u0007\n`), ['2: control characters are not allowed in comments']);
    }
    t.same(complaints('stall_seconds = 5 # bell \u0007\n'), ['1: control characters are not allowed in comments']);
  },
);

t.test('the complaint about a wrong entry has the line of the entry', async (t) => {
  const entries = 'listen = [ # where [to listen\n  "a:1", "b:1", # "c:1",\n\n  # and\n  \'d\', "e:1"\n]\n';
  t.match(complaints(`data = "x"\n${entries}`), [/^6: listen must hold addresses .*, not "d"$/]);
  t.match(complaints('listen = ["a:1",\n  ["b:1",\n  "c:1"],\n]'), [/^2: listen must hold addresses .*, not a list$/]);
  t.match(complaints('listen = ["a:1",\n\n 5]'), [/^3: listen must hold addresses .*, not 5$/]);
  t.match(complaints('exempt_addresses = ["::1", "x"]'), [/^1: exempt_addresses must hold IP addresses .*, not "x"$/]);
  t.equal(entryLine({ text: 'a = [[1,\n2],\n3]', line: 1 }, 1), 3, 'commas within an entry are not counted');
  t.equal(entryLine({ text: 'a = 1', line: 3 }, 5), 3, 'a missing entry has the line of the statement');
});

t.test('a file may begin with a byte order mark and have lines that end in CR LF', async (t) => {
  t.same(complaints('\ufeffdata = "x"\r\nlisten = [\r\n"a:1",\r\n]\r\nstall_seconds = 0\r\n'), [
    '5: stall_seconds must be an integer from 1 to 3600, not 0',
  ]);
  t.same(complaints('\ufeffstall_seconds = 0'), ['1: stall_seconds must be an integer from 1 to 3600, not 0']);
  t.same(complaints(''), []);
});

/** Blank text and comments, which may stand between settings or behind one. */
const FILLING = [
  '',
  '   ',
  '# plain',
  '# "an open quote',
  "# it's",
  '# listen = [',
  '\t# """',
  '# ]}',
  "#'''",
] as const;

/** Values that no setting takes. `entry` is how many lines below the key the wrong entry of a list stands. */
const WRONG = [
  { text: '1.5' },
  { text: '-1' },
  { text: '{ a = 1 }' },
  { text: '1979-05-27T07:32:00Z' },
  { text: '"""\n[\n# x"""' },
  { text: '""""[\n""""' },
  { text: "''''[\n'''''" },
  { text: "'\t{\\'" },
  { text: '"\\t[\\"{"' },
  { text: "'''\nlisten = \"\n'''" },
  { text: '[[\n1,\n2]]', entry: 0 },
  { text: '[ # [\n{ b = "]" } ]', entry: 1 },
  { text: '[\n\n# ,\n"\\"]\\t", # "\n]', entry: 3 },
] as const satisfies readonly { readonly text: string; readonly entry?: number }[];

/** A right value for the key in TOML. With `spread`, it has several lines if TOML allows that. */
function goodValue(key: Key, spread: boolean): string {
  const value = setting(key).default;
  if (typeof value === 'string') return spread ? `"""\\\n  ${value}"""` : JSON.stringify(value);
  if (typeof value === 'object')
    return `[${value.map((entry) => `${spread ? '\n # one: ]\n' : ''}'${entry}'`).join(',')}${spread && value.length > 0 ? ',\n' : ''}]`;
  return String(value);
}

/** The key in one of TOML's ways to write it. */
function writtenKey(key: string, quote: 'bare' | 'basic' | 'literal' | 'escaped'): string {
  if (quote === 'bare') return key;
  if (quote === 'literal') return `'${key}'`;
  const escape = `\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}`;
  return `"${quote === 'basic' ? key : escape}"`;
}

const statementShape = fc.record({
  key: fc.constantFrom(...settingKeys),
  before: fc.array(fc.constantFrom(...FILLING), { maxLength: 3 }),
  quote: fc.constantFrom('bare' as const, 'basic' as const, 'literal' as const, 'escaped' as const),
  spread: fc.boolean(),
  beside: fc.constantFrom(...FILLING),
});
const fileShape = fc.uniqueArray(statementShape, { minLength: 1, selector: ({ key }) => key });

t.test('a wrong value of any key is found on its line, wherever it stands and whatever surrounds it', async () => {
  fc.assert(
    fc.property(
      fileShape,
      fc.nat(),
      fc.constantFrom(...WRONG),
      fc.constantFrom('\n', '\r\n'),
      (file, at, wrong, end) => {
        const lines: string[] = [];
        let expected = '';
        for (const [index, { key, before, quote, spread, beside }] of file.entries()) {
          lines.push(...before);
          const isCulprit = index === at % file.length;
          if (isCulprit) {
            const below = 'entry' in wrong && Array.isArray(setting(key).default) ? wrong.entry : 0;
            expected = `${lines.length + 1 + below}: ${key} must `;
          }
          lines.push(
            ...`${writtenKey(key, quote)} = ${isCulprit ? wrong.text : goodValue(key, spread)} ${beside}`.split('\n'),
          );
        }
        const found = complaints(lines.join(end));
        return found.length === 1 && found[0]?.startsWith(expected);
      },
    ),
    { numRuns: 200 },
  );
});

t.test(
  'the statements of a document can be parsed one by one, and together give the same values as the document',
  async (t) => {
    fc.assert(
      fc.property(fileShape, fc.constantFrom(...WRONG), (file, value) => {
        const document = file
          .map(({ key, before, quote, beside }) =>
            [...before, `${writtenKey(key, quote)} = ${value.text} ${beside}`].join('\n'),
          )
          .join('\n');
        const alone = statements(document).map(({ text }) => parse(text));
        t.equal(alone.length, file.length);
        t.same(Object.assign({}, ...alone), { ...parse(document) });
      }),
      { numRuns: 50 },
    );
  },
);

t.test('any text gives either settings or complaints with a line number', async () => {
  const pieces = fc.array(
    fc.constantFrom(
      'listen',
      'data',
      ' = ',
      '"',
      '"""',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '\n',
      '\r',
      '#',
      '1',
      '.',
      '\\',
      '\0',
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      return complaints(parts.join('')).every((line) => /^\d+: [^\p{Cc}]+$/u.test(line));
    }),
    { numRuns: 200 },
  );
});
