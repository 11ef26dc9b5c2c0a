// The code blocks of the project's documents, for the tests that hold the documents to the program.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/daemon.js';

/** The texts of a document's fenced blocks in one language, in order. An empty language means blocks that name none. */
export function codeBlocks(path: string, language: string): string[] {
  const document = readFileSync(join(root, path), 'utf8');
  return [...document.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , text = '']) => text);
}

/** The text of a document's only block in that language. Throws where there are none or several. */
export function onlyBlock(path: string, language: string): string {
  const [only, ...others] = codeBlocks(path, language);
  if (only === undefined || others.length > 0) throw new Error(`${path} has not just one block in ${language}`);
  return only;
}
