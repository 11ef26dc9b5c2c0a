// Writes the copyright file in Debian's format 1.0: the project's licence, and that of each npm package in the package.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addon, type Package } from './packages.js';

/** The copyright lines of a licence. */
function owners(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim().replaceAll('&lt;', '<').replaceAll('&gt;', '>'));
  return lines
    .filter((line) => /^(?:Copyright:?\s+(?!\[|notice|holder|owner|licen[cs]e)|©)/.test(line))
    .map((line) => line.replace(/^Copyright:?\s+/, ''));
}

/** A field's further lines: each begins with a space, and an empty one is a dot. */
function folded(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trimEnd()}`))
    .join('\n');
}

function licenceText(folder: string): string {
  const file = readdirSync(folder).find((name) => /^licen[cs]e(?:\.|$)/i.test(name));
  if (file === undefined) throw new Error(`${folder} has no licence`);
  return readFileSync(join(folder, file), 'utf8').replaceAll('\r', '');
}

/** The reference to the Apache licence: Debian's policy requires a reference instead of the text. */
const apache = folded(`Licensed under the Apache License, Version 2.0. On Debian systems its text is in
/usr/share/common-licenses/Apache-2.0.`);

function stanza(files: string, holders: readonly string[], licence: string, text: string): string {
  return [`Files: ${files}`, `Copyright: ${holders.join('\n ')}`, `License: ${licence}`, text].join('\n');
}

function ofPackage(root: string, { path, name, license, version }: Package): string {
  const text = licenceText(join(root, path));
  const found = owners(text);
  const holders = found.length > 0 ? found : [`the authors of ${name}`];
  const licenceStanza = stanza(
    `usr/lib/salond/${path}/*`,
    holders,
    license === 'MIT' ? 'Expat' : license,
    license === 'Apache-2.0' ? apache : folded(text),
  );
  return `${licenceStanza}\nComment: ${name} ${version}, from the npm registry.`;
}

/** The licences of everything that is compiled into the addon. */
function ofAddon(root: string): string {
  const headers = join(root, 'node_modules/node-addon-api');
  const { version } = JSON.parse(readFileSync(join(headers, 'package.json'), 'utf8')) as { readonly version: string };
  const holders = [
    ...owners(licenceText(join(root, 'node_modules/sqlite3'))),
    ...owners(licenceText(headers)),
    'SQLite: none, its authors have dedicated it to the public domain',
  ];
  const text = folded(
    `BSD-3-Clause is the licence of sqlite3 above. Of node-addon-api, whose headers are in it:\n\n${licenceText(headers)}`,
  );
  return `${stanza(`usr/lib/salond/${addon}`, holders, 'BSD-3-Clause and Expat and public-domain', text)}\nComment: node-addon-api ${version}, from the npm registry.`;
}

/** The licence of Unicode's data, which src/text/unicode/version.ts contains. */
function unicodeLicence(root: string): string {
  const lines = readFileSync(join(root, 'src/text/unicode/version.ts'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('//'));
  return lines.map((line) => line.replace(/^\/\/ ?/, '')).join('\n');
}

/**
 * The copyright file.
 * @param packages the npm packages whose files are in the package
 */
export function copyright(root: string, packages: readonly Package[]): string {
  const [own, unicode] = [readFileSync(join(root, 'LICENSE'), 'utf8'), unicodeLicence(root)];
  return `${[
    'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: salond',
    stanza('*', [...owners(own), ...owners(unicode)], 'Expat and Unicode-3.0', folded(`${own}\n${unicode}`)),
    ...packages.map((each) => ofPackage(root, each)),
    ofAddon(root),
  ].join('\n\n')}\n`;
}
