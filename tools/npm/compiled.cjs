// npm runs this before the packages' own scripts where salond is installed from a packed file, and after them at `npm ci`.
// sqlite3's script downloads a binary, which no hash pins, unless it is told to compile. .prebuild-installrc tells it so
// where sqlite3 is below salond's folder. It is not there where salond is another project's dependency: this script fails then.
// CommonJS and no packages: nothing is compiled yet.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const told =
  existsSync(join(root, '.prebuild-installrc')) && existsSync(join(root, 'node_modules/sqlite3/package.json'));
const { npm_config_build_from_source: given } = process.env;

if (!told && given !== 'true' && given !== 'sqlite3') {
  process.stderr.write(
    'salond: sqlite3 would be downloaded as a binary that no hash pins. Set npm_config_build_from_source=true in the ' +
      'environment, and npm compiles it; that needs make, Python 3 and a C++ compiler.\n',
  );
  process.exitCode = 1;
}
