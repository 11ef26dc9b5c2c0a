// `npm run terminals -- [NAME…]`: runs the programs of docs/terminals.md against a daemon, each in a terminal, and puts
// what their screens show into the page. Between `<!-- screen NAME -->` and `<!-- end -->` the page is made here.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { missing, screens } from './screens.js';

const path = join(import.meta.dirname, '../../../docs/terminals.md');

/** The page with the text of a screen in its place. Throws where it has none. */
function withScreen(page: string, name: string, text: string): string {
  const begin = `<!-- screen ${name} -->\n`;
  const at = page.indexOf(begin);
  const end = page.indexOf('<!-- end -->', at);
  if (at < 0 || end < 0) throw new Error(`docs/terminals.md has no place for ${name}`);
  return `${page.slice(0, at + begin.length)}\n\`\`\`\n${text}\`\`\`\n\n${page.slice(end)}`;
}

const asked = process.argv.slice(2);
for (const screen of screens) {
  if (asked.length > 0 && !asked.includes(screen.name)) continue;
  const program = missing(screen);
  if (program !== undefined) throw new Error(`${program} is not installed`);
  const text = await screen.show();
  writeFileSync(path, withScreen(readFileSync(path, 'utf8'), screen.name, text));
  console.log(`${screen.name}: ${text.split('\n').length - 1} lines`);
}
