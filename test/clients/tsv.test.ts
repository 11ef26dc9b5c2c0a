// Lines of the form `tsv` are read by the programs that PROTOCOL.md §8.2 names: `cut`, `awk`, Python's `split`, and a
// program in C with `strsep`. Each finds all columns, empty ones too.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { formatOf } from '../../src/wire/format.js';
import { temporaryFolder } from '../support/daemon.js';
import { FormClient } from '../support/form-client.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

const texts = [
  'tea at four?',
  'a\tb\nc\rd\\ne',
  '"quoted" \'too\'',
  ' spaces  around ',
  '\u0000\u0007\u0085\u2028',
  'é東🎈',
  '\\',
];
/** The column of the text in a line 110, counted from 1. */
const message = 6;

/** Undoes the escapes of §8.2. */
const unescape = (field: string): string =>
  field.replace(/\\(?:u([0-9a-f]{4})|(.))/g, (_, unit: string | undefined, short: string) =>
    unit === undefined
      ? ({ t: '\t', n: '\n', r: '\r' }[short] ?? short)
      : String.fromCharCode(Number.parseInt(unit, 16)),
  );

/** Prints the fields of each line, with `|` in the place of each TAB, as the others do here. */
const inC = `#define _DEFAULT_SOURCE
#include <stdio.h>
#include <string.h>
int main(void) {
  char line[32769];
  while (fgets(line, sizeof line, stdin)) {
    char *rest = line, *field;
    line[strcspn(line, "\\n")] = '\\0';
    for (int column = 0; (field = strsep(&rest, "\\t")); column++) printf("%s%s", column > 0 ? "|" : "", field);
    putchar('\\n');
  }
  return 0;
}
`;

const inPython = `import sys
for line in open(sys.argv[1], encoding='utf-8', newline='\\n'):
    print('|'.join(line.rstrip('\\n').split('\\t')))
`;

t.test(
  'cut, awk, Python and strsep find the columns of tsv',
  { skip: noPrograms('cc', 'awk', 'python3') },
  async (t) => {
    const folder = temporaryFolder(t);
    const client = await (await FormClient.connect(await hostDaemon(t).port())).enter('alice');
    t.teardown(() => client.socket.destroy());
    await client.ask(formatOf({ form: 'tsv', maxLine: 32_768, ascii: false, language: 'en' }));
    await client.request({ command: 'join_chatroom', username: 'alice', room: 'tea' });
    const sent = texts.filter((text) => text !== '');
    for (const text of sent)
      await client.request({ command: 'chatroom_message', username: 'alice', room: 'tea', message: text });
    await client.request({ command: 'delete_message', room: 'tea', id: 1 });
    await client.request({ command: 'chatroom_history', room: 'tea', ref: 'h' });
    await client.request({ command: 'list_users', room: 'tea' });
    const lines = client.lines.map(({ raw }) => raw);
    const file = join(folder, 'lines');
    writeFileSync(file, lines.join(''));
    writeFileSync(join(folder, 'columns.c'), inC);
    writeFileSync(join(folder, 'columns.py'), inPython);
    const run = (program: string, args: readonly string[], input = ''): string[] => {
      const { stdout, stderr, status } = spawnSync(program, args, { cwd: folder, encoding: 'utf8', input });
      t.equal(status, 0, `${program} ${stderr}`);
      return stdout.split('\n').slice(0, -1);
    };
    run('cc', ['-std=c99', '-Wall', '-Wextra', '-Werror', '-o', 'columns', 'columns.c']);
    const columns = lines.map((line) => line.slice(0, -1).replaceAll('\t', '|'));
    t.same(run('./columns', [], lines.join('')), columns, 'strsep');
    t.same(run('python3', ['columns.py', file]), columns, 'split');
    t.same(run('awk', ['-F\t', '-v', 'OFS=|', '{ $1 = $1; print }', file]), columns, 'awk');
    t.same(run('cut', ['--output-delimiter=|', '-f1-', file]), columns, 'cut');
    const read = run('awk', ['-F\t', `$1 == 110 { print $${message} }`, file]).map(unescape);
    t.same(read, ['', ...texts.slice(1)], 'and the texts are what was sent');
    const deleted = run('awk', ['-F\t', '$1 == 110 && $11 == 1 { print $3 }', file]);
    t.same(deleted, ['1'], 'a column behind empty ones');
  },
);
