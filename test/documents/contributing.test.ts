// Follows CONTRIBUTING.md's worked example of adding a command, on a copy of the project: its files are written, the
// types generated, the daemon compiled, and the example's dialogue replayed against it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { readProtocol } from '../../tools/protocol-files.js';
import { jsonForm } from '../../tools/replay-forms.js';
import { replay } from '../../tools/replay.js';
import { lineChecks } from '../../tools/validator.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';

interface Block {
  /** The file that the text before the block names last. */
  readonly path: string;
  readonly language: string;
  readonly text: string;
}

/** The code blocks of the section on adding a command, without their indentation. */
function blocks(document: string): readonly Block[] {
  const [, section = ''] = document.split('\n## Adding a command\n');
  return [...section.matchAll(/((?:(?!```)[^])*?)^ {3}```(\w+)\n([^]*?)^ {3}```$/gm)].map(
    ([, before = '', language = '', indented = '']) => {
      const path = [...before.matchAll(/`([\w/]+\.\w+)`/g)].at(-1)?.[1];
      if (path === undefined) throw new Error(`no file is named before ${indented}`);
      return { path, language, text: indented.replace(/^ {3}/gm, '') };
    },
  );
}

/**
 * `text` with the lines of a diff that begin with `+` put in after those before them, which must be there in that
 * order.
 */
function patched(text: string, diff: string): string {
  const lines = text.split('\n');
  let at = 0;
  for (const line of diff.trimEnd().split('\n')) {
    if (line.startsWith('+')) {
      lines.splice(at, 0, line.slice(1));
      at += 1;
    } else {
      const found = lines.indexOf(line.slice(1), at);
      if (found === -1) throw new Error(`the file has no line ${line}`);
      at = found + 1;
    }
  }
  return lines.join('\n');
}

/** The example's file in the copy is written anew, or changed by a diff. */
function apply(copy: string, { path, language, text }: Block): void {
  const target = join(copy, path);
  writeFileSync(target, language === 'diff' ? patched(readFileSync(target, 'utf8'), text) : text);
}

/** What is needed to generate and to compile the daemon; the compiled generator comes along. */
function copyProject(copy: string): void {
  for (const path of ['bin', 'docs/salond.example.toml', 'man', 'protocol', 'src', 'tools', 'PROTOCOL.md'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  for (const path of ['package.json', 'tsconfig.json', 'dist/src', 'dist/tools'])
    cpSync(join(root, path), join(copy, path), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
}

/** The files of the daemon's sources in the copy that are not as the project's. */
function changedSources(copy: string): readonly string[] {
  return readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name))
    .filter((path) => textOf(join(root, path)) !== textOf(join(copy, path)));
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/**
 * Compiles the changed files of the copy, whatever is wrong with them. Checks the types of these files only, because to
 * check all takes three times as long. Returns the places of the errors.
 */
function compileChanges(copy: string): readonly string[] {
  const { config } = ts.readConfigFile(join(copy, 'tsconfig.json'), (path) => textOf(path)) as {
    readonly config: object;
  };
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: ['src/main.ts'] }, ts.sys, copy);
  const paths = changedSources(copy).map((path) => join(copy, path));
  const program = ts.createProgram([join(copy, 'src/main.ts'), ...paths], { ...options, incremental: false });
  return paths.flatMap((path) => {
    const source = program.getSourceFile(path);
    program.emit(source);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ file, start = 0 }) =>
        `${relative(copy, file?.fileName ?? '')}(${(file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1}`,
    );
  });
}

/** One lacks a result, one answers another type, and one a result that only other commands have. */
const wrongHandlers = `import type { Command } from './services.js';
export const lacking: Command<'measure'> = () => ({ results: { bytes: 1 } });
export const mistyped: Command<'measure'> = () => ({ results: { bytes: '1', characters: 1 } });
export const another: Command<'measure'> = () => ({ results: { bytes: 1, characters: 1, room: 'lobby' } });
`;

t.test('the worked example of adding a command works as it is written', async (t) => {
  const copy = temporaryFolder(t);
  mkdirSync(join(copy, 'dist'), { recursive: true });
  copyProject(copy);
  const steps = blocks(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'));
  t.same(
    steps.map(({ path, language }) => [path, language]),
    [
      ['protocol/commands/measure.json', 'json'],
      ['protocol/words/en.json', 'diff'],
      ['protocol/words/fr.json', 'diff'],
      ['src/commands/measure.ts', 'ts'],
      ['src/commands/groups/session.ts', 'diff'],
      ['protocol/dialogues/measure.txt', 'text'],
    ],
  );
  for (const step of steps) apply(copy, step);
  t.equal(spawnSync(process.execPath, ['dist/tools/generate.js'], { cwd: copy }).status, 0);
  t.match(readFileSync(join(copy, 'PROTOCOL.md'), 'utf8'), '\n### measure\n');

  writeFileSync(join(copy, 'src/commands/wrong.ts'), wrongHandlers);
  t.same(
    compileChanges(copy),
    ['src/commands/wrong.ts(2', 'src/commands/wrong.ts(3', 'src/commands/wrong.ts(4'],
    'the compiler refuses each wrong handler, and nothing else',
  );

  const port = await startDaemon(t, { program: join(copy, 'bin/salond') }).port();
  const dialogue = readFileSync(join(copy, 'protocol/dialogues/measure.txt'), 'utf8');
  const form = jsonForm(lineChecks(readProtocol(join(copy, 'protocol'))).client);
  t.equal(await replay(dialogue, { host: '127.0.0.1', port, timeout: 30_000, form }), undefined);
});
