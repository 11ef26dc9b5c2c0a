// What the coverage-guided fuzzer has found so far: a line of JSON for each input, whose characters are its bytes.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/daemon.js';

function pathOf(target: string): string {
  return join(root, 'test/fuzz/corpus', `${target}.jsonl`);
}

export function readCorpus(target: string): Buffer[] {
  if (!existsSync(pathOf(target))) return [];
  return readFileSync(pathOf(target), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => Buffer.from(JSON.parse(line) as string, 'latin1'));
}

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
