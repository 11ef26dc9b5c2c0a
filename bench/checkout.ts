// Copies the project at a commit and compiles it, so that it can be measured beside the working tree.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from './arguments.js';
import { root } from './process.js';

/** A commit, and the folder of its copy. */
export interface Checkout {
  /** The short hash and the subject. */
  readonly title: string;
  readonly folder: string;
}

/** The longest output of git, in bytes. An archive of the project is smaller. */
const mostOutput = 256 * 1024 * 1024;

function git(...args: readonly string[]): Buffer {
  try {
    return execFileSync('git', args, { cwd: root, maxBuffer: mostOutput, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    throw new BenchError(`git ${args[0]}: ${(error as Error).message.split('\n').slice(1).join(' ').trim()}`);
  }
}

/** Whether the working tree differs from HEAD in the daemon's source or packages. */
function isChanged(): boolean {
  return git('status', '--porcelain', '--', 'src', 'bin', 'package-lock.json').length > 0;
}

/** The commit to compare with by default: HEAD if the working tree has changes, otherwise the commit before HEAD. */
export function previousCommit(): string {
  return isChanged() ? 'HEAD' : 'HEAD~1';
}

/**
 * Copies the files of a commit to the new folder `folder` and compiles its `src`, with the packages that are installed
 * here. Unlike a worktree of git, a copy leaves nothing behind in the repository. Types are not checked, so a commit
 * with a type error can be measured. Throws BenchError if there is no such commit, or if it can't be compiled.
 */
export function checkOut(ref: string, folder: string): Checkout {
  const title = git('log', '-1', '--format=%h, "%s"', ref, '--').toString().trim();
  const archive = git('archive', '--format=tar', ref);
  mkdirSync(folder);
  execFileSync('tar', ['-x', '-C', folder], { input: archive });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = join(folder, 'tsconfig.src.json');
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include: ['src'] }));
  try {
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noCheck', '-p', config], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stdout } = error as { readonly stdout?: Buffer };
    throw new BenchError(`${title} can't be compiled:\n${String(stdout).slice(0, 1000)}`);
  }
  return { title, folder };
}

/** Whether a commit's packages differ from those of the working tree, with which both are run. */
export function hasOtherPackages(ref: string): boolean {
  return git('diff', '--name-only', ref, '--', 'package-lock.json').length > 0;
}
