// The formatter and the linter, as one test file: they run beside the others. `npm run lint` runs them alone.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { root } from './support/daemon.js';

t.setTimeout(300_000);

/** Runs a program of a development dependency. What it finds is printed line by line where it fails. */
async function passes(t: Test, program: string, ...args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(root, 'node_modules', program), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const status = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  for (const line of status === 0 ? [] : output.trim().split('\n')) t.comment(line);
  t.equal(status, 0, status === 0 ? 'it finds nothing' : output.trim());
}

t.jobs = 2;

t.test('the formatter would change nothing (npx biome format --write .)', { buffered: true }, async (t) => {
  await passes(t, '@biomejs/biome/bin/biome', 'format', '.');
});

t.test('ESLint finds nothing', { buffered: true }, async (t) => {
  await passes(t, 'eslint/bin/eslint.js', '.');
});
