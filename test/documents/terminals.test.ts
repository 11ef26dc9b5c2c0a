// Shows the screens of docs/terminals.md again, and compares them with the page.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { missing, screens } from '../../tools/terminals/screens.js';
import { root } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

const page = readFileSync(join(root, 'docs/terminals.md'), 'utf8');

t.jobs = 2;

/** The screen of that name on the page; undefined if there is none. */
function shownOnPage(name: string): string | undefined {
  const places = page.matchAll(/^<!-- screen (.+) -->\n\n```\n([^]*?)```\n\n<!-- end -->$/gm);
  return [...places].find(([, its]) => its === name)?.[2];
}

for (const screen of screens) {
  const { name, isRepeatable, programs } = screen;
  const skip = missing(screen) === undefined ? false : noPrograms(...programs);
  t.test(`the screen of ${name} is as the page has it`, { buffered: true, skip }, async (t) => {
    const onPage = shownOnPage(name);
    t.ok(onPage, 'it is there: else `npm run terminals`');
    if (isRepeatable) t.equal(await screen.show(), onPage);
  });
}
