// Gives a small file of the data folder another content.
import { closeSync, fsyncSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { sync } from './place.js';
import { makePrivate } from './private-files.js';

/**
 * Gives the file at `path` another content, whole or not at all, and makes it where it is missing, for its owner alone.
 * Throws the system's error; then the file is as it was.
 * @param durability `full`: the content is on the disk when this returns; `relaxed`: a power loss may take it, or leave
 * an empty file
 */
export function replaceFile(path: string, content: string, durability: 'full' | 'relaxed'): void {
  const unfinished = `${path}-new`;
  try {
    // What a killed process left.
    rmSync(unfinished, { force: true });
    const file = makePrivate(unfinished);
    try {
      writeFileSync(file, content);
      if (durability === 'full') fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(unfinished, path);
    if (durability === 'full') sync(dirname(path));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
