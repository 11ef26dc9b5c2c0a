// Types README's conversation into the daemon, and compares what it answers with what README shows.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { root, startDaemon } from '../support/daemon.js';
import { codeBlocks } from './code-blocks.js';

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const isOutput = (line: string): boolean => /^\d+\t/.test(line);
/** The line without what differs each time: times and tokens. */
const shaped = (line: string): string => line.replace(/"(time|token|token_id)":"[^"]*"/g, '"$1":""');

/**
 * The conversations of two clients, each as its lines, the lines that the first client reads meanwhile, and what both
 * type later: the first goes on, and the second comes back.
 */
const blocks = codeBlocks('README.md', '').map((text) => text.trimEnd().split('\n'));

/** Types the block's inputs one after another, and compares what comes with the outputs that follow each. */
async function type(t: Test, client: Client, block: readonly string[]): Promise<void> {
  for (const line of block) {
    if (line.startsWith('$ ')) continue;
    if (isOutput(line)) t.equal(shaped((await client.next()).raw), shaped(line));
    else client.send(line);
  }
}

t.test('the conversation that README shows is the one that the daemon has', async (t) => {
  const daemon = startDaemon(t);
  const [alice = [], bob = [], shown = [], later = [], back = []] = blocks;
  t.ok(
    [alice, bob, later, back].every(({ length }) => length > 5) && shown.every(isOutput),
    'README shows two conversations, what the first gets, and how they go on',
  );

  const first = await Client.connect(await daemon.port());
  await type(t, first, alice);
  const second = await Client.connect(await daemon.port());
  await type(t, second, bob);
  await second.closed;
  await type(t, first, shown);
  await type(t, first, later);
  const third = await Client.connect(await daemon.port());
  await type(t, third, back);
  third.destroy();
  first.destroy();
});

t.test('every npm script that README names is there', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  for (const [, name = ''] of readme.matchAll(/npm run ([\w:]+)/g)) t.ok(scripts[name], name);
});
