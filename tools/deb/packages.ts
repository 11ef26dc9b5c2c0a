// The packages that run: those of package.json's `dependencies` and what they need in turn, without what only compiles or
// downloads, and of each the files that Node.js reads.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export interface Package {
  /** Below the project's folder: `node_modules/…`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** All that sqlite3 needs when it runs. Its other dependencies fetch or compile the addon, which is here already. */
const needed: Readonly<Record<string, readonly string[]>> = { sqlite3: ['bindings'] };

export const addon = 'node_modules/sqlite3/build/Release/node_sqlite3.node';

const aside =
  /^(?:tests?|__tests__|specs|fixtures|docs?|examples?|bench|benchmarks?|fuzz|scripts|deps|\.\w+|node_modules)$/;
const run = /\.(?:js|cjs|mjs|json)$/;
const asideFile = /^(?:eslint\.config|gruntfile|tsconfig|test|bench|benchmark|bin|example)\b/;

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** Where Node.js finds the package when a file in `from` asks for it. */
function resolve(root: string, name: string, from: string): string {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
  }
  throw new Error(`${name} is not installed: npm ci`);
}

/** Every package that is there when salond runs, by path. */
export function packagesThatRun(root: string): readonly Package[] {
  const found = new Map<string, Package>();
  const visit = (folder: string): void => {
    const { name, dependencies = {} } = manifest(folder);
    for (const dependency of needed[name] ?? Object.keys(dependencies)) {
      const at = resolve(root, dependency, folder);
      const path = relative(root, at);
      if (found.has(path)) continue;
      const { name: its, version, license = 'unknown' } = manifest(at);
      found.set(path, { path, name: its, version, license });
      visit(at);
    }
  };
  visit(root);
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The files of a folder that are code or its data, below it. */
function files(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return aside.test(entry.name) ? [] : files(folder, path);
    return run.test(entry.name) && !asideFile.test(entry.name) ? [path] : [];
  });
}

/** Copies the packages, and the addon that was compiled, to below `target`. */
export function copyPackages(root: string, packages: readonly Package[], target: string): void {
  for (const { path } of packages) {
    for (const file of files(join(root, path))) cpSync(join(root, path, file), join(target, path, file));
  }
  if (!existsSync(join(root, addon))) throw new Error(`${addon} is not there: npm ci`);
  cpSync(join(root, addon), join(target, addon));
}
