// Finds and copies the npm packages that salond needs when it runs: its dependencies and theirs, without those that
// only compile or download, and of each only the files that Node.js reads.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** An installed npm package. */
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

/**
 * The packages that a package needs when it runs, if it does not need all of its dependencies. The other dependencies
 * of sqlite3 only fetch and compile the addon.
 */
const needed: Readonly<Record<string, readonly string[]>> = { sqlite3: ['bindings'] };

/** The compiled addon of sqlite3, below the project's folder. */
export const addon = 'node_modules/sqlite3/build/Release/node_sqlite3.node';

/** Folders that are left out. */
const omittedFolder =
  /^(?:tests?|__tests__|specs|fixtures|docs?|examples?|bench|benchmarks?|fuzz|scripts|deps|\.\w+|node_modules)$/;
/** Files that Node.js reads. */
const readFile = /\.(?:js|cjs|mjs|json)$/;
/** Files that Node.js could read, but that are left out. */
const omittedFile = /^(?:eslint\.config|gruntfile|tsconfig|test|bench|benchmark|bin|example)\b/;

function manifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The folder of the package that a file in `from` imports by name, found as Node.js does. */
function resolve(root: string, name: string, from: string): string {
  for (let folder = from; folder.startsWith(root); folder = dirname(folder)) {
    const found = join(folder, 'node_modules', name);
    if (existsSync(join(found, 'package.json'))) return found;
  }
  throw new Error(`${name} is not installed: npm ci`);
}

/** Every package that salond needs when it runs, sorted by path. */
export function packagesThatRun(root: string): readonly Package[] {
  const found = new Map<string, Package>();
  const visit = (folder: string): void => {
    const { name, dependencies = {} } = manifest(folder);
    for (const dependency of needed[name] ?? Object.keys(dependencies)) {
      const at = resolve(root, dependency, folder);
      const path = relative(root, at);
      if (found.has(path)) continue;
      const { name: packageName, version, license = 'unknown' } = manifest(at);
      found.set(path, { path, name: packageName, version, license });
      visit(at);
    }
  };
  visit(root);
  return [...found.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The paths of a folder's code and data, relative to the folder. */
function files(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return omittedFolder.test(entry.name) ? [] : files(folder, path);
    return readFile.test(entry.name) && !omittedFile.test(entry.name) ? [path] : [];
  });
}

/** Copies the packages and the compiled addon to below `target`. Throws if the addon is not compiled. */
export function copyPackages(root: string, packages: readonly Package[], target: string): void {
  for (const { path } of packages) {
    for (const file of files(join(root, path))) cpSync(join(root, path, file), join(target, path, file));
  }
  if (!existsSync(join(root, addon))) throw new Error(`${addon} is not there: npm ci`);
  cpSync(join(root, addon), join(target, addon));
}
