// `npm run generate`: writes the modules of src/wire/generated and the tables of PROTOCOL.md from protocol/, the
// example settings from the table of settings, and the manual pages from those and from the command line. With --check
// it writes nothing, and exits with 1 if a file is stale. The test suite checks the same.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exampleFile } from '../src/ops/settings/settings.js';
import { manualPages } from './man/pages.js';
import { protocolModules } from './modules.js';
import { readProtocol } from './protocol-files.js';
import { fillTables } from './tables.js';

const root = join(import.meta.dirname, '../..');
const modulesFolder = 'src/wire/generated';

/** Every generated file: its path below the project's folder, and the text that it should have. */
export function generatedFiles(): { readonly path: string; readonly text: string }[] {
  const files = readProtocol(join(root, 'protocol'));
  return [
    ...Array.from(protocolModules(files), ([name, text]) => ({ path: `${modulesFolder}/${name}.ts`, text })),
    { path: 'docs/salond.example.toml', text: exampleFile() },
    { path: 'PROTOCOL.md', text: fillTables(readFileSync(join(root, 'PROTOCOL.md'), 'utf8'), files) },
    ...manualPages(files),
  ];
}

/** The modules whose files in protocol/ were removed. */
function strayModules(paths: ReadonlySet<string>): string[] {
  return readdirSync(join(root, modulesFolder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${modulesFolder}/${path}`)
    .filter((path) => !paths.has(path));
}

/** The paths of generated files that differ from what would be generated now, or should not exist. */
export function staleFiles(): string[] {
  const files = generatedFiles();
  const stale = files.filter(({ path, text }) => {
    try {
      return readFileSync(join(root, path), 'utf8') !== text;
    } catch {
      return true;
    }
  });
  return [...stale.map(({ path }) => path), ...strayModules(new Set(files.map(({ path }) => path)))];
}

function generate(): void {
  const files = generatedFiles();
  for (const { path, text } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const path of strayModules(new Set(files.map(({ path }) => path)))) rmSync(join(root, path));
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--check')) {
    for (const path of staleFiles()) {
      console.error(`${path} is stale: run npm run generate`);
      process.exitCode = 1;
    }
  } else {
    generate();
  }
}
