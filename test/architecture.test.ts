// Holds src/ to the table of ARCHITECTURE.md: which room may import which, on which floor each stands, and no cycles anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import { root } from './support/daemon.js';

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => `src/${path}`);

/** The files that a file imports, types included, and those that it loads later. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/(?:from |import\()'(\.[^']+)\.js'/g)].map(([, path = '']) =>
    relative(root, join(root, dirname(file), `${path}.ts`)),
  );
}

/** `src/wire` for a file below it, `src/main.ts` for that one. */
function roomOf(file: string): string {
  return file.split('/').slice(0, 2).join('/');
}

/** Which rooms each room may import, by the table. */
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

/** Which rooms each room imports. */
function actualArrows(): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const file of files) {
    const from = roomOf(file);
    const rooms = arrows.get(from) ?? new Set<string>();
    for (const imported of importsOf(file)) if (roomOf(imported) !== from) rooms.add(roomOf(imported));
    arrows.set(from, rooms);
  }
  return arrows;
}

const arrows = actualArrows();

/** The floor that a room stands on: one above the highest room that it imports. The ground floor is 1. */
function floorOf(room: string, path: readonly string[] = []): number {
  if (path.includes(room)) throw new Error(`a cycle of rooms: ${[...path, room].join(' → ')}`);
  return 1 + Math.max(0, ...Array.from(arrows.get(room) ?? [], (below) => floorOf(below, [...path, room])));
}

/** More would mean that a change at the bottom is felt at the top by too many steps. */
const maxFloors = 7;

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

t.test('the house has at most seven floors', async (t) => {
  const floors = new Map<number, string[]>();
  for (const room of arrows.keys()) floors.set(floorOf(room), [...(floors.get(floorOf(room)) ?? []), room]);
  for (const floor of [...floors.keys()].sort((one, other) => one - other))
    t.comment(`floor ${floor}: ${floors.get(floor)?.sort().join(', ')}`);
  t.ok(floors.size <= maxFloors, `${floors.size} floors`);
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

t.test('no files import each other in a cycle', async (t) => {
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) t.fail(`a cycle: ${[...path, file].join(' → ')}`);
    if (done.has(file) || path.includes(file)) return;
    for (const imported of importsOf(file)) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  t.equal(done.size, files.length);
});
