// Fails an installation in which sqlite3 would download a binary that no hash pins. sqlite3's script downloads one
// unless .prebuild-installrc, which is read only if sqlite3 is below salond's folder, or the environment tells it to
// compile. If salond is another project's dependency, sqlite3 is elsewhere. npm runs this script before those of the
// packages when it installs salond from a packed file, and after them at `npm ci`. It is CommonJS without packages,
// because nothing is compiled yet.
'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const root = join(__dirname, '../..');
const isToldToCompile =
  existsSync(join(root, '.prebuild-installrc')) && existsSync(join(root, 'node_modules/sqlite3/package.json'));
const { npm_config_build_from_source: given } = process.env;

if (!isToldToCompile && given !== 'true' && given !== 'sqlite3') {
  process.stderr.write(
    'salond: sqlite3 would be downloaded as a binary that no hash pins. Set npm_config_build_from_source=true in the ' +
      'environment, and npm compiles it; that needs make, Python 3 and a C++ compiler.\n',
  );
  process.exitCode = 1;
}
