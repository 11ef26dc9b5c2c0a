// Reads and writes the inputs that the coverage-guided fuzzer has found: one JSON string per line, a character for each
// byte.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/daemon.js';

function pathOf(target: string): string {
  return join(root, 'test/fuzz/corpus', `${target}.jsonl`);
}

/** The inputs kept for a target; none where there is no file. */
export function readCorpus(target: string): Buffer[] {
  if (!existsSync(pathOf(target))) return [];
  return readFileSync(pathOf(target), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(JSON.parse(line) as string, 'latin1'));
}

/** Replaces the inputs kept for a target. They are sorted, so that changes show well in a diff. */
export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  const lines = inputs.map((each) =>
    JSON.stringify(each.toString('latin1')).replace(
      /[\u007f-\u00ff]/g,
      (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
    ),
  );
  writeFileSync(
    pathOf(target),
    lines
      .sort()
      .map((line) => `${line}\n`)
      .join(''),
  );
}
