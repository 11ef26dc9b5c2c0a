// Checks the manual pages: they are what the generator makes, both formatters take them without a warning, and they
// agree with the programs.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { exitStatus } from '../../src/daemon/expected-errors.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { settingKeys } from '../../src/ops/settings/table.js';
import { readArguments } from '../../src/salonctl/usage.js';
import { exitStatuses } from '../../tools/man/exit-statuses.js';
import { literal, prose, sentence, typed } from '../../tools/man/mdoc.js';
import { manualPages } from '../../tools/man/pages.js';
import { settingsExamples } from '../../tools/man/settings.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { protocol } from '../support/protocol.js';
import { noPrograms } from '../support/programs.js';

const pages = manualPages(protocol);

interface ProgramResult {
  readonly status: number | null;
  readonly text: string;
}

/** A formatter's warnings about a page; with `all` also the formatted page. */
function resultOf(program: string, args: readonly string[], all = false): ProgramResult {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '200' },
  });
  return { status, text: all ? stdout : stderr };
}

t.test('each page is what its sources say', async (t) => {
  // After a change of a flag, a setting or a command: npm run generate.
  for (const { path, text } of pages) t.equal(readFileSync(join(root, path), 'utf8'), text, path);
});

t.test('man has nothing to say against any', { skip: noPrograms('man') }, async (t) => {
  for (const { path } of pages) {
    t.same(resultOf('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', path]), { status: 0, text: '' }, path);
  }
});

t.test('nor has mandoc', { skip: noPrograms('mandoc') }, async (t) => {
  for (const { path } of pages) t.equal(resultOf('mandoc', ['-Tlint', '-W', 'warning', path], true).text, '', path);
});

t.test('what is to be typed is shown to the letter', { skip: noPrograms('man', 'mandoc') }, async (t) => {
  const shown = {
    man: resultOf('man', ['-E', 'UTF-8', '-l', 'man/salond.toml.5'], true).text,
    mandoc: resultOf('mandoc', ['-Tutf8', '-O', 'width=200', 'man/salond.toml.5'], true).text.replace(/.\u0008/g, ''),
  };
  for (const [by, text] of Object.entries(shown)) {
    for (const line of settingsExamples.flatMap(([, lines]) => lines.trim().split('\n')))
      t.ok(text.includes(`${line}\n`), `${by}: ${line}`);
    for (const key of settingKeys) t.ok(new RegExp(`^ +${key} = `, 'm').test(text), `${by}: ${key}`);
  }
});

t.test('the settings that are shown hold together', async (t) => {
  for (const [what, text] of settingsExamples) {
    const path = join(temporaryFolder(t), 'salond.toml');
    writeFileSync(path, text);
    t.match(invocation(['--check-config', '--config', path], {}, '1.2.3'), { kind: 'check' }, what);
  }
});

t.test('the exit statuses are those that the programs have', async (t) => {
  const numbers = (of: keyof typeof exitStatuses): readonly number[] => exitStatuses[of].map(([status]) => status);
  t.same(
    numbers('salond'),
    [0, 1, ...Object.values(exitStatus)].sort((one, other) => one - other),
  );
  const help = readArguments(['--help']);
  const [, list = ''] = /^Exit status:\n((?: .*\n)+)/m.exec(help.kind === 'text' ? help.text : '') ?? [];
  t.same(
    numbers('salonctl'),
    list
      .match(/(?<= {2})\d+/g)
      ?.map(Number)
      .sort((one, other) => one - other),
  );
});

t.test('nothing in a text is taken for a request, a font or a dash', async (t) => {
  t.equal(prose('Ends so. .Sh is a macro'), 'Ends so. .Sh is a macro', 'in a line it is none');
  t.equal(prose('.Sh'), '\\&.Sh');
  t.equal(
    prose('A \\fB b. `--a b` is "c", a well-known 2^3 − 1'),
    'A \\efB b.\n\\fB\\%\\-\\-a \\%b\\fP is "c", a well-known 2\\(ha3 \\- 1',
  );
  t.match(prose(`${'word '.repeat(20)}'quoted`), /\n\\&'quoted$|[^\n]'quoted$/);
  t.equal(literal('\'"-~'), '\\(aq\\(dq\\-\\(ti');
  t.equal(typed('ban TARGET [--reason REASON]'), 'Cm ban Ar TARGET Oo Fl -reason Ar REASON Oc');
  t.same(
    [sentence('where to'), sentence('create_user a'), sentence('full: a')],
    ['Where to.', 'create_user a.', 'full: a.'],
  );
});
