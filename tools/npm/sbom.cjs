// Writes the package's bill of materials (CycloneDX 1.5) to standard output: every package that an installation brings, by
// package-lock.json, and the SQLite that the package sqlite3 contains and compiles. The same files give the same bytes.
// `npm sbom` is not used: it leaves out packages that tests need too, and gives another number and time at each run. It is
// CommonJS without packages, as compiled.cjs beside it.
'use strict';
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const { '': own, ...others } = lock.packages;

/** The packages that are not for development alone, by their places. */
const installed = Object.entries(others).filter(([, { dev }]) => dev !== true);

const nameOf = (place) => place.replace(/^.*node_modules\//, '');
const refOf = (place) => `${nameOf(place)}@${lock.packages[place].version}`;

/** The place of the package that `name` means to the package at `from`, as Node.js looks for it. */
function placeOf(name, from) {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (place in lock.packages) return place;
  return from === '' ? undefined : placeOf(name, from.replace(/\/?node_modules\/(?:@[^/]+\/)?[^/]+$/, ''));
}

/** What the package at a place needs. Of the optional packages it names those that an installation brings. */
function needs(place, { dependencies = {}, optionalDependencies = {} }) {
  const places = Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => placeOf(name, place));
  return places.filter((each) => each !== undefined).map(refOf);
}

function component(place) {
  const { version, license, integrity, devOptional } = lock.packages[place];
  const name = nameOf(place);
  return {
    'bom-ref': refOf(place),
    type: 'library',
    name,
    version,
    scope: devOptional === true ? 'optional' : 'required',
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace(/^sha512-/, ''), 'base64').toString('hex') }],
    licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }],
    purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
  };
}

/** The SQLite in the package sqlite3, which npm does not know. */
function sqlite() {
  const text = readFileSync(join(root, 'node_modules/sqlite3/deps/common-sqlite.gypi'), 'utf8');
  const digits = /'sqlite_version%':\s*'(\d)(\d\d)(\d\d)(\d\d)'/.exec(text);
  if (digits === null) throw new Error('node_modules/sqlite3 does not say which SQLite it brings');
  const version = digits.slice(1, 4).map(Number).join('.');
  return {
    'bom-ref': `sqlite@${version}`,
    type: 'library',
    name: 'sqlite',
    version,
    scope: 'required',
    licenses: [{ license: { id: 'blessing' } }],
    purl: `pkg:generic/sqlite@${version}`,
  };
}

const database = sqlite();
// A package may stand at several places.
const packages = new Map(installed.map(([place, entry]) => [refOf(place), [place, entry]]));
const self = `${own.name}@${own.version}`;
const dependsOn = new Map([
  [self, needs('', { dependencies: own.dependencies })],
  ...[...packages].map(([ref, [place, entry]]) => [ref, needs(place, entry)]),
  [database['bom-ref'], []],
]);
dependsOn.get(refOf('node_modules/sqlite3')).push(database['bom-ref']);

const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: {
      'bom-ref': self,
      type: 'application',
      name: own.name,
      version: own.version,
      licenses: [{ license: { id: own.license } }],
      purl: `pkg:npm/${self}`,
    },
  },
  components: [...[...packages.values()].map(([place]) => component(place)), database],
  dependencies: [...dependsOn].map(([ref, refs]) => ({ ref, dependsOn: [...new Set(refs)].sort() })),
};
process.stdout.write(`${JSON.stringify(bom, undefined, 2)}\n`);
