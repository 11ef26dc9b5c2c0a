// What a test executes of the compiled files, as V8 reports it (NODE_V8_COVERAGE). A mutant can only be noticed by a
// test that executes the changed code, so the others are not run.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A range of a file's text, and how often it was executed. Ranges lie within each other, never across. */
interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** One file of V8's report: one for each process and thread. */
interface Report {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/** The executed parts of the files of `dist`. */
export class Coverage {
  /** By the file's path relative to `dist`, the ranges of each process and thread that loaded it. */
  readonly #files = new Map<string, (readonly Range[])[]>();

  /**
   * Reads the reports in a folder.
   * @param isWanted whether a file, by its path relative to `dist`, is of interest
   */
  constructor(folder: string, dist: string, isWanted: (file: string) => boolean) {
    const base = `${pathToFileURL(dist).href}/`;
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const { result } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report;
      for (const { url, functions } of result) {
        const file = url.slice(base.length);
        if (url.startsWith(base) && isWanted(file))
          this.#add(
            file,
            functions.flatMap(({ ranges }) => ranges),
          );
      }
    }
  }

  /** Whether a process or thread that loaded the file has reported. */
  has(file: string): boolean {
    return this.#files.has(file);
  }

  /** Whether the text at the offset was executed. */
  executes(file: string, offset: number): boolean {
    return (this.#files.get(file) ?? []).some((ranges) => countAt(ranges, offset) > 0);
  }

  #add(file: string, ranges: readonly Range[]): void {
    const known = this.#files.get(file);
    if (known === undefined) this.#files.set(file, [ranges]);
    else known.push(ranges);
  }
}

/** The count of the innermost range around the offset; 0 where there is none. */
function countAt(ranges: readonly Range[], offset: number): number {
  let innermost: Range | undefined;
  for (const range of ranges) {
    if (range.startOffset > offset || range.endOffset <= offset) continue;
    if (innermost === undefined || lengthOf(range) < lengthOf(innermost)) innermost = range;
  }
  return innermost?.count ?? 0;
}

function lengthOf({ startOffset, endOffset }: Range): number {
  return endOffset - startOffset;
}
