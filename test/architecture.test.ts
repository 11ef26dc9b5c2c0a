// Holds src/ to the table of ARCHITECTURE.md: which room may import which, and no circles anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import { root } from './support/daemon.js';

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path}`);

/** The files that a file imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/from '(\.[^']+)\.js'/g)].map(([, path = '']) =>
    relative(root, join(root, dirname(file), `${path}.ts`)),
  );
}

/** `src/wire` for a file below it, `src/main.ts` for that one. */
function roomOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

/** The table's rows: what each room may import. */
function allowedArrows(): Map<string, readonly string[]> {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(src\/[\w.]+)` \|.*\| ([^|]+) \|$/gm)];
  return new Map(
    rows.map(([, room = '', arrows = '']) => [
      room,
      arrows === '–' ? [] : arrows.split(', ').map((name) => `src/${name}`),
    ]),
  );
}

const allowed = allowedArrows();

t.test('every room of src stands in the table', async (t) => {
  t.same([...new Set(files.map(roomOf))].sort(), [...allowed.keys()].sort());
});

t.test('no file imports from a room that the table does not allow', async (t) => {
  for (const file of files) {
    const from = roomOf(file);
    for (const imported of importsOf(file)) {
      const to = roomOf(imported);
      t.ok(from === to || allowed.get(from)?.includes(to), `${file} imports ${imported}`);
    }
  }
});

t.test("only what puts the parts together, and the operator's program, know which store there is", async (t) => {
  const knowing = /^src\/(?:store\/sqlite\/|salonctl\/|daemon\/|\w+\.ts$)/;
  for (const file of files.filter((each) => !knowing.test(each))) {
    t.notOk(
      importsOf(file).some((imported) => imported.startsWith('src/store/sqlite/')),
      file,
    );
  }
});

t.test('no files import each other in a circle', async (t) => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) t.fail(`a circle: ${[...path, file].join(' → ')}`);
    if (done.has(file) || path.includes(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.equal(done.size, files.length);
});
