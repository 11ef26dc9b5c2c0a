// Holds every export of the code to a docstring of its own: what it does, its units, limits and errors; and comments to
// the width of the code, which the formatter does not look at.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { root } from './support/daemon.js';

/** Whether an export without a docstring fails the test. Otherwise they are only counted. */
const strict = true as boolean;

const folders = ['src', 'bench', 'tools', 'test/support'];
/** Tables that a tool writes. */
const tables = 'src/text/unicode/';

const files = folders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
  )
  .filter((path) => path.endsWith('.ts') && !path.startsWith(tables));

/** The statement's names, if it exports something; `export … from` names what has its docstring elsewhere. */
function exportedNames(statement: ts.Statement): string[] {
  const isExported =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;
  if (!isExported) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const isNamed =
    ts.isClassDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

/** Of an overloaded function one docstring is enough. */
function undocumented(path: string): string[] {
  const file = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2023, true);
  const documented = new Set<string>();
  const all = file.statements.flatMap((statement) => {
    const names = exportedNames(statement);
    if (ts.getJSDocCommentsAndTags(statement).length > 0) for (const name of names) documented.add(name);
    return names.map((name) => ({ name, line: file.getLineAndCharacterOfPosition(statement.getStart()).line + 1 }));
  });
  return all.filter(({ name }) => !documented.has(name)).map(({ name, line }) => `${path}:${line} ${name}`);
}

t.test('every exported class, function, interface, type and constant has a docstring', async (t) => {
  const missing = files.flatMap(undocumented);
  t.comment(`${missing.length} exports have no docstring`);
  if (strict) for (const each of missing) t.fail(each);
  else for (const each of missing) t.comment(each);
  t.pass('each was looked at');
});

t.test('no line of a comment is longer than 120 characters', async (t) => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path}`)
    .filter((path) => path.endsWith('.ts') && !path.startsWith('test/support/'));
  const long = [...files, ...tests]
    .filter((path) => !path.includes('/generated/'))
    .flatMap((path) =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          /^ *(?:\/\/|\/\*\*|\* )/.test(line) && [...line].length > 120 ? [`${path}:${at + 1}`] : [],
        ),
    );
  t.same(long, []);
});
